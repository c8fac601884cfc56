// A live call beside its story: who is in it, who listens, whether it is recorded; listening for supervisors, taking back
// what is parked for agents.
import { Button, Group } from "@mantine/core";
import { IconHeadphones, IconParking, IconPlayerStop } from "@tabler/icons-react";
import { ask } from "../api/clients";
import { oversees } from "../api/session";
import { useApi, useSession } from "../context";
import { RecordingState } from "../gen/switchboard/interaction/v1/types_pb";
import { Pill } from "../parts/bits";
import { useNames } from "../parts/names";
import { useCallWish, useLiveCall, whoIs } from "../softphone/live-call";
import { w } from "../softphone/words";
import { useListening } from "./listen";
import styles from "./supervise.module.css";

const MODES = [1, 2, 3];

/** Nothing when the call is over, or is no call. */
export function LiveCall({ id, className }: { id: string; className?: string }) {
  const session = useSession();
  const listens = oversees(session);
  const { data: live } = useLiveCall(id, listens || session.isAgent);
  const names = useNames();
  if (!live) return null;
  const paused = live.recording === RecordingState.PAUSED;
  return (
    <section className={className} aria-label={w.supervision.title} data-testid="live-call">
      {className === undefined ? <h3>{w.supervision.title}</h3> : <h2>{w.supervision.title}</h2>}
      <div className={styles.standing}>
        {live.agentId !== "" && <span>{names.agent(live.agentId)}</span>}
        {live.held && <Pill tone="warn">{w.onHold}</Pill>}
        {live.muted && <Pill tone="warn">{w.muted}</Pill>}
        {live.parked && <Pill tone="warn">{w.isParked}</Pill>}
        {live.recording === RecordingState.RECORDING && (
          <Pill tone="bad" dot>
            {w.recorded}
          </Pill>
        )}
        {paused && (
          <Pill tone="warn" dot>
            {w.recordingPaused}
          </Pill>
        )}
        {live.participants.map(({ participant, answered }) => (
          <Pill key={participant?.participantId} tone="accent">
            {answered ? w.inCall(whoIs(participant?.who, names)) : w.ringing(whoIs(participant?.who, names))}
          </Pill>
        ))}
      </div>
      <ul className={styles.listeners} aria-label={w.supervision.listeners} data-testid="listeners">
        {live.supervisors.length === 0 && listens && <li className="sb-quiet">{w.supervision.nobody}</li>}
        {live.supervisors.map((each) => (
          <li key={each.supervisorId}>
            <IconHeadphones size={15} aria-hidden />
            {each.answered ? `${names.agent(each.supervisorId)} ${w.supervision.does[each.mode]}` : w.supervision.rings(names.agent(each.supervisorId))}
          </li>
        ))}
      </ul>
      {live.parked && session.isAgent && <Take id={id} />}
      {listens && live.agentId !== "" && live.agentId !== session.user && <Listen id={id} mode={live.supervisors.find((each) => each.supervisorId === session.user)?.mode} />}
    </section>
  );
}

function Take({ id }: { id: string }) {
  const api = useApi();
  const { busy, wish } = useCallWish(id);
  return (
    <Button leftSection={<IconParking size={16} aria-hidden />} loading={busy} onClick={() => void wish((about) => api.voice.retrieve(about, ask))}>
      {w.retrieveThis}
    </Button>
  );
}

function Listen({ id, mode }: { id: string; mode: number | undefined }) {
  const { busy, listen, stop } = useListening(id);
  return (
    <Group gap="xs">
      {MODES.map((each) => (
        <Button key={each} variant={each === mode ? "filled" : "default"} aria-pressed={each === mode} disabled={busy} title={w.supervision.hint[each]} onClick={() => void listen(each)}>
          {w.supervision.modes[each]}
        </Button>
      ))}
      {mode !== undefined && (
        <Button color="red.8" disabled={busy} leftSection={<IconPlayerStop size={16} aria-hidden />} onClick={() => void stop()}>
          {w.supervision.stop}
        </Button>
      )}
    </Group>
  );
}
