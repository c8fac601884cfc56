// The call that a supervisor listens to in this browser: how, and the way out, wherever they go meanwhile.
import { Button, SegmentedControl } from "@mantine/core";
import { IconHeadset, IconPlayerStop } from "@tabler/icons-react";
import { useSession } from "../context";
import { useNames } from "../parts/names";
import styles from "../parts/offers.module.css";
import { usePhone } from "../softphone/context";
import { useLiveCall } from "../softphone/live-call";
import { w } from "../softphone/words";
import { useListening } from "./listen";

export function Listening() {
  const guest = usePhone((state) => (state.call?.guest ? state.call.id : undefined));
  return guest === undefined ? null : <Bar id={guest} />;
}

function Bar({ id }: { id: string }) {
  const { user } = useSession();
  const names = useNames();
  const live = useLiveCall(id).data;
  const { busy, listen, stop } = useListening(id);
  const mine = live?.supervisors.find((each) => each.supervisorId === user);
  if (!live || !mine) return null;
  return (
    <section className={styles.dock} style={{ width: 300 }} aria-label={w.guest.supervises} data-testid="listening" data-mode={mine.mode} data-answered={mine.answered}>
      <div className={styles.offer} style={{ display: "grid", gap: 10 }}>
        <div className={styles.head}>
          <span className={styles.bell}>
            <IconHeadset size={19} aria-hidden />
          </span>
          <div style={{ minWidth: 0 }}>
            <div className={styles.who}>{w.supervision.with(names.agent(live.agentId))}</div>
            <div className={styles.kind} role="status">
              {w.supervision.hint[mine.mode]}
            </div>
          </div>
        </div>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={w.guest.supervises}
          disabled={busy}
          value={String(mine.mode)}
          onChange={(mode) => void listen(Number(mode))}
          data={[1, 2, 3].map((mode) => ({ value: String(mode), label: w.supervision.modes[mode] ?? "" }))}
        />
        <Button color="red.8" loading={busy} leftSection={<IconPlayerStop size={16} aria-hidden />} onClick={() => void stop()}>
          {w.supervision.stop}
        </Button>
      </div>
    </section>
  );
}
