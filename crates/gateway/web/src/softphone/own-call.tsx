// A colleague whom this person calls: how that stands, and the way out. It is about no customer and stands in no history.
import { Button, Kbd } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconHeadset, IconMicrophone, IconMicrophoneOff, IconPhoneOff, IconPhoneOutgoing, IconPhoneX } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { sayError } from "../api/errors";
import { useDesk, useDeskState } from "../context";
import type { Invitation } from "../desk/model";
import { isTyping } from "../lib/hooks";
import { useNames } from "../parts/names";
import styles from "../parts/offers.module.css";
import { usePhone, useSoftphone } from "./context";
import { PhoneProblem } from "./problem";
import { w } from "./words";

/** Calls of this person to colleagues: one, as a rule. */
export function OwnCalls() {
  const invitations = useDeskState((state) => state.invitations);
  const own = useMemo(() => Object.values(invitations).filter((each) => each.calls !== ""), [invitations]);
  return own.map((each) => <OwnCall key={each.id} call={each} />);
}

function OwnCall({ call }: { call: Invitation }) {
  const desk = useDesk();
  const names = useNames();
  const on = usePhone((state) => state.on);
  const card = useRef<HTMLDivElement>(null);
  const [busy, setBusy] = useState(false);
  const who = names.agent(call.calls);
  const { answered, outcome } = call;
  const title = outcome ? (w.colleague.missed[outcome]?.(who) ?? who) : answered ? w.guest.speaks(who) : w.colleague.calling(who);
  const Shape = outcome ? IconPhoneX : answered ? IconHeadset : IconPhoneOutgoing;

  useEffect(() => {
    if (!isTyping(document.activeElement)) card.current?.focus();
  }, []);

  const hangUp = async () => {
    setBusy(true);
    try {
      await desk.leaveCall(call.id);
    } catch (error) {
      notifications.show({ color: "red", message: sayError(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div
      ref={card}
      className={styles.offer}
      role="group"
      tabIndex={-1}
      data-testid="own-call"
      data-answered={answered}
      data-outcome={outcome}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !busy && !answered && !outcome) void hangUp();
      }}
    >
      <div className={styles.head}>
        <span className={styles.bell}>
          <Shape size={19} aria-hidden />
        </span>
        <div style={{ minWidth: 0 }}>
          <div className={styles.who}>{title}</div>
          {!on && !answered && !outcome && <div className={styles.kind}>{w.colleague.pickUp}</div>}
        </div>
      </div>
      <PhoneProblem />
      {!outcome && (
        <div className={styles.actions}>
          {answered && <MuteHere id={call.id} />}
          <Button
            size="sm"
            px="sm"
            color="red.8"
            loading={busy}
            leftSection={<IconPhoneOff size={16} aria-hidden />}
            rightSection={answered ? undefined : <Kbd size="xs">Esc</Kbd>}
            onClick={() => void hangUp()}
          >
            {w.colleague.hangUp}
          </Button>
        </div>
      )}
    </div>
  );
}

/** While the sound of this call is in this browser. */
export function MuteHere({ id }: { id: string }) {
  const phone = useSoftphone();
  const call = usePhone((state) => state.call);
  if (call?.id !== id) return null;
  const { muted } = call;
  return (
    <Button
      size="sm"
      px="sm"
      variant={muted ? "filled" : "default"}
      aria-pressed={muted}
      leftSection={muted ? <IconMicrophoneOff size={16} aria-hidden /> : <IconMicrophone size={16} aria-hidden />}
      onClick={() => phone.setMuted(!muted)}
    >
      {muted ? w.unmute : w.mute}
    </Button>
  );
}
