// Somebody else's call that this person is asked into: who asks and about whom while it rings, the way out while it lasts.
import { Button, Kbd } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDeviceLandlinePhone, IconHeadset, IconMessageQuestion, IconPhoneOff } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { sayError } from "../api/errors";
import { useDesk, useDeskState } from "../context";
import type { Invitation } from "../desk/model";
import { ParticipantRole, SupervisionMode } from "../gen/switchboard/interaction/v1/types_pb";
import { isTyping } from "../lib/hooks";
import { useNames } from "../parts/names";
import styles from "../parts/offers.module.css";
import { AudioProblem } from "./audio";
import { usePhone, useSoftphone } from "./context";
import { MuteHere } from "./own-call";
import { PhoneProblem } from "./problem";
import { w } from "./words";

/** Calls that this person is asked into; supervision has its own place, and a call that became theirs is no guest's. */
export function useInvitations(): Invitation[] {
  const invitations = useDeskState((state) => state.invitations);
  const owned = useDeskState((state) => state.items);
  return useMemo(
    () => Object.values(invitations).filter((each) => each.mode === SupervisionMode.UNSPECIFIED && each.calls === "" && !owned[each.id]),
    [invitations, owned],
  );
}

/** In the corner where offers ring. */
export function Guests() {
  return useInvitations().map((each) => <Guest key={each.id} invitation={each} />);
}

/** A colleague who calls this person, by extension: it is about no customer, waits in no queue and stands in no history. */
const isColleague = (invitation: Invitation): boolean => invitation.queue === "";

export const askedBy = (invitation: Invitation, asker: string): string => {
  if (isColleague(invitation)) return w.guest.calls(asker);
  return invitation.role === ParticipantRole.CONSULTED ? w.guest.asks(asker) : w.guest.brings(asker);
};

function Guest({ invitation }: { invitation: Invitation }) {
  const desk = useDesk();
  const names = useNames();
  const softphone = useSoftphone();
  const on = usePhone((state) => state.on);
  // Whoever answered would leave their own call without a word.
  const inCall = usePhone((state) => state.call !== undefined && state.call.id !== invitation.id);
  const card = useRef<HTMLDivElement>(null);
  const [busy, setBusy] = useState(false);
  const { answered } = invitation;
  const asker = names.agent(invitation.askedBy);
  const colleague = isColleague(invitation);
  const withAsker = colleague || invitation.role === ParticipantRole.CONSULTED;
  const title = answered ? (withAsker ? w.guest.speaks(asker) : w.guest.inCall) : askedBy(invitation, asker);
  const about = colleague ? "" : w.guest.about(invitation.label, names.queue(invitation.queue));

  useEffect(() => {
    if (!answered && !isTyping(document.activeElement)) card.current?.focus();
  }, [answered]);

  const run = async (deed: () => Promise<void>) => {
    setBusy(true);
    try {
      await deed();
    } catch (error) {
      notifications.show({ color: "red", message: error instanceof AudioProblem ? error.message : sayError(error) });
    } finally {
      setBusy(false);
    }
  };
  const answer = () => run(() => softphone.answerAsGuest(invitation.id));
  const leave = () => run(() => desk.leaveCall(invitation.id));
  return (
    <div
      ref={card}
      className={styles.offer}
      role="group"
      tabIndex={-1}
      data-testid="guest"
      data-answered={answered}
      aria-label={about ? `${title}, ${about}` : title}
      onKeyDown={(event) => {
        if (busy || answered) return;
        if (event.key === "Escape") void leave();
        if (event.key === "Enter" && event.target === card.current && on && !inCall) void answer();
      }}
    >
      <div className={styles.head}>
        <span className={styles.bell}>{answered ? <IconHeadset size={19} aria-hidden /> : <IconMessageQuestion size={19} aria-hidden />}</span>
        <div style={{ minWidth: 0 }}>
          <div className={styles.who}>{title}</div>
          {about && <div className={styles.kind}>{about}</div>}
        </div>
      </div>
      {!colleague && (
        <p className={styles.why}>
          <Link className="sb-link" to={`/interactions/${invitation.id}`}>
            {w.guest.details}
          </Link>
        </p>
      )}
      {on && <PhoneProblem />}
      <div className={styles.actions}>
        {answered ? (
          <>
            <MuteHere id={invitation.id} />
            <Button size="sm" px="sm" color="red.8" loading={busy} leftSection={<IconPhoneOff size={16} aria-hidden />} onClick={() => void leave()}>
              {colleague ? w.colleague.hangUp : w.guest.leave}
            </Button>
          </>
        ) : (
          <>
            {on && inCall ? (
              <span className={styles.phone}>{w.guest.busy}</span>
            ) : on ? (
              <Button size="sm" px="sm" loading={busy} onClick={() => void answer()} rightSection={<Kbd size="xs">↵</Kbd>}>
                {w.guest.answer}
              </Button>
            ) : (
              <span className={styles.phone}>
                <IconDeviceLandlinePhone size={18} stroke={1.7} aria-hidden />
                {w.guest.onPhone}
              </span>
            )}
            <Button size="sm" px="sm" variant="default" disabled={busy} onClick={() => void leave()} rightSection={<Kbd size="xs">Esc</Kbd>}>
              {w.guest.decline}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
