// The board on the wall: one card a queue, its figures readable from five metres.
import { IconLock } from "@tabler/icons-react";
import type { QueueLive } from "../gen/switchboard/analytics/v1/service_pb";
import type { QueueView } from "../gen/switchboard/router/v1/types_pb";
import { useNow } from "../lib/hooks";
import { clock } from "../lib/time";
import { t } from "../strings";
import styles from "./supervise.module.css";
import { abandonOf, abandonTone, levelTone, percent, waitOf, waitTone, withinOf } from "./tones";

export function Wallboard({ queues, seen, skew }: { queues: QueueLive[]; seen: Map<string, QueueView> | undefined; skew: number }) {
  return (
    <ul className={styles.wall} data-many={queues.length > 6 || undefined} aria-label={t.live.queues}>
      {queues.map((queue) => (
        <Card key={queue.queue} queue={queue} closed={seen?.get(queue.queue)?.closed ?? false} skew={skew} />
      ))}
    </ul>
  );
}

function Card({ queue, closed, skew }: { queue: QueueLive; closed: boolean; skew: number }) {
  const now = useNow() + skew;
  const wait = waitOf(queue, now);
  const tone = waitTone(wait, withinOf(queue));
  const abandon = abandonOf(queue);
  const nobody = queue.waiting > 0 && queue.agentsStaffed === 0;
  return (
    <li className={styles.wallCard} data-tone={nobody ? "bad" : tone} data-testid="wall-queue">
      <h2>
        {queue.name || queue.queue}
        {closed && (
          <span className={styles.wallClosed}>
            <IconLock size={22} aria-hidden /> {t.supervise.closedNow}
          </span>
        )}
      </h2>
      <dl>
        <div className={styles.wallMain} data-tone={tone}>
          <dt>{t.live.waiting}</dt>
          <dd className="sb-number">{queue.waiting}</dd>
        </div>
        <div className={styles.wallMain} data-tone={tone}>
          <dt>{t.live.longest}</dt>
          <dd className="sb-number">{wait === undefined ? t.live.none : clock(wait)}</dd>
        </div>
        <div data-tone={levelTone(queue.serviceLevel)}>
          <dt>{t.live.level}</dt>
          <dd className="sb-number">{percent(queue.serviceLevel)}</dd>
        </div>
        <div data-tone={abandonTone(abandon)}>
          <dt>{t.live.abandoned}</dt>
          <dd className="sb-number">{percent(abandon)}</dd>
        </div>
        <div data-tone={nobody ? "bad" : undefined}>
          <dt>{t.live.staffed}</dt>
          <dd className="sb-number">{queue.agentsStaffed}</dd>
        </div>
        <div data-tone={queue.waiting > 0 && queue.agentsReady === 0 ? "warn" : undefined}>
          <dt>
            {t.live.ready} / {t.live.busy}
          </dt>
          <dd className="sb-number">
            {queue.agentsReady} / {queue.agentsBusy}
          </dd>
        </div>
      </dl>
    </li>
  );
}
