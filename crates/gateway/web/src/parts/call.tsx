// The call, on top of the conversation as long as it lasts, whatever else is open.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPhone, IconPhoneOff } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { sayError } from "../api/errors";
import { useDesk, useDeskState } from "../context";
import type { Item } from "../desk/model";
import { isWrapUp } from "../desk/model";
import { WorkState } from "../gen/switchboard/router/v1/types_pb";
import { t } from "../strings";
import { RecordingState } from "../gen/switchboard/interaction/v1/types_pb";
import { AnsweredBy, LeaveMessage } from "../softphone/answered";
import { CallControl, Members } from "../softphone/control";
import { CallControls } from "../softphone/controls";
import { useDialling } from "../softphone/dialling";
import { useLiveCall } from "../softphone/live-call";
import { PhoneProblem } from "../softphone/problem";
import { w } from "../softphone/words";
import { Running } from "./bits";
import styles from "./conversation.module.css";
import { useNames } from "./names";

export function CallStrip({ call, isOpen }: { call: Item; isOpen: boolean }) {
  const desk = useDesk();
  const names = useNames();
  const skew = useDeskState((state) => state.skew);
  const [busy, setBusy] = useState(false);
  const over = isWrapUp(call) || call.endedAt !== undefined;
  const connected = call.state === WorkState.CONNECTED;
  // A call-back is connected once it is known that no machine has answered.
  const callback = call.callbackPhone !== undefined;
  const live = useLiveCall(call.id, (connected || callback) && !over, callback).data ?? undefined;
  const dialled = useDialling((state) => state.dialled.includes(call.id));
  const standing = over ? t.call.ended : connected ? (live?.held ? w.onHold : t.call.live) : dialled ? w.dial.calling(call.label) : t.call.connecting;

  const hangUp = async () => {
    setBusy(true);
    try {
      await desk.hangUp(call.id);
    } catch (error) {
      notifications.show({ color: "red", message: sayError(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className={styles.call} data-over={over} data-testid="call" role="group" aria-label={t.call.title}>
      <span className={styles.callIcon}>
        <IconPhone size={18} stroke={1.8} aria-hidden />
      </span>
      <span className={styles.callTime}>
        <Running from={call.answeredAt} until={call.endedAt} skew={skew} />
      </span>
      <div style={{ minWidth: 0, flex: "1 1 150px" }}>
        <div style={{ fontWeight: 600, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
          {call.label || t.unknownCustomer}
        </div>
        <div className={styles.sub} style={{ overflow: "hidden" }}>
          {standing} · {names.queue(call.queue)}
          {!over && live && <Recorded state={live.recording} />} {!over && live && <AnsweredBy live={live} />}
        </div>
      </div>
      {!isOpen && (
        <Button component={Link} to={`/desk/${call.id}`} variant="default">
          {t.call.open}
        </Button>
      )}
      {!over && (
        <div className={styles.callActions}>
          <CallControls call={call} live={connected ? live : undefined} />
          {live && <LeaveMessage call={call} live={live} />}
          {connected && live && <CallControl call={call} live={live} />}
          <Button color="red.8" loading={busy} leftSection={<IconPhoneOff size={16} aria-hidden />} data-finish={isOpen || undefined} onClick={() => void hangUp()}>
            {t.call.hangUp}
          </Button>
        </div>
      )}
      {!over && live && <Members call={call} live={live} />}
      {!over && <PhoneProblem />}
    </div>
  );
}

/** That somebody is being recorded is never hidden. */
function Recorded({ state }: { state: RecordingState }) {
  if (state !== RecordingState.RECORDING && state !== RecordingState.PAUSED) return null;
  const paused = state === RecordingState.PAUSED;
  return (
    <span className={styles.recorded} data-paused={paused} role="status" data-testid="recorded">
      <span className="sb-dot" data-tone={paused ? "warn" : "bad"} aria-hidden />
      {paused ? w.recordingPaused : w.recorded}
    </span>
  );
}
