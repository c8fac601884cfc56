// Live queues and agents, as analytics tells them, up to four times a second.
import { Table, Tooltip } from "@mantine/core";
import { IconStack2, IconUsers } from "@tabler/icons-react";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Link } from "react-router";
import type { AgentLive, Live, QueueLive } from "../gen/switchboard/analytics/v1/service_pb";
import { AgentState } from "../gen/switchboard/router/v1/types_pb";
import { useNow } from "../lib/hooks";
import { clock, secondOfDay } from "../lib/time";
import { ChannelIcon, channelName, Empty, Face, Failed, Pill, Running } from "../parts/bits";
import { useLive } from "../parts/live-data";
import { toneOfState } from "../parts/status";
import { t } from "../strings";
import styles from "./live.module.css";

const percent = (share: number | undefined): string => (share === undefined ? t.live.none : `${Math.round(share * 100)} %`);
const levelTone = (share: number | undefined) => (share === undefined ? undefined : share >= 0.8 ? "good" : share >= 0.6 ? "warn" : "bad");
/** A wait is long when the service level is missed, and very long at three times that. */
const waitTone = (wait: number, within: number) => (wait > within * 3 ? "bad" : wait > within ? "warn" : undefined);

export function LivePage() {
  const { live, error, skew, stale } = useLive();
  if (!live && error) return <Failed error={error} />;
  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={t.live.title}>
      <div className="sb-page-head">
        <h1>{t.live.title}</h1>
        <span className="sb-quiet">{t.live.today}</span>
        <span style={{ flex: 1 }} />
        {stale ? <Pill tone="warn">{t.line.lost}</Pill> : null}
        {live?.at && <span className="sb-quiet sb-number">{t.live.at(secondOfDay(timestampMs(live.at)))}</span>}
      </div>
      {live && <Totals live={live} skew={skew} />}
      <section className={styles.block} aria-label={t.live.queues}>
        <h2>{t.live.queues}</h2>
        <div className="sb-card sb-scroll">
          {live && live.queues.length === 0 ? <Empty icon={IconStack2}>{t.live.emptyQueues}</Empty> : live && <Queues queues={live.queues} skew={skew} />}
        </div>
        {live && <Definitions queues={live.queues} />}
      </section>
      <section className={styles.block} aria-label={t.live.agents}>
        <h2>{t.live.agents}</h2>
        {live && live.agents.length === 0 && (
          <div className="sb-card">
            <Empty icon={IconUsers}>{t.live.emptyAgents}</Empty>
          </div>
        )}
        {live && <Agents agents={live.agents} skew={skew} />}
      </section>
    </div>
  );
}

function Totals({ live, skew }: { live: Live; skew: number }) {
  const now = useNow() + skew;
  const sum = (of: (queue: QueueLive) => number) => live.queues.reduce((total, queue) => total + of(queue), 0);
  const waits = live.queues.flatMap((queue) =>
    queue.waiting > 0 && queue.oldestQueuedAt
      ? [{ wait: now - timestampMs(queue.oldestQueuedAt), within: queue.serviceLevelWithin ? durationMs(queue.serviceLevelWithin) : 20_000 }]
      : [],
  );
  const longest = waits.sort((a, b) => b.wait - a.wait)[0];
  const answered = sum((queue) => queue.answered);
  const abandoned = sum((queue) => queue.abandoned);
  // The queues' levels, weighted by what each is a share of.
  const inTime = sum((queue) => (queue.serviceLevel ?? 0) * (queue.answered + queue.abandoned));
  const level = answered + abandoned > 0 ? inTime / (answered + abandoned) : undefined;
  const ready = live.agents.filter((agent) => agent.state === AgentState.READY).length;
  const tiles: { name: string; value: string; tone?: string }[] = [
    { name: t.live.waiting, value: String(sum((queue) => queue.waiting)) },
    { name: t.live.longest, value: longest ? clock(longest.wait) : t.live.none, tone: longest && waitTone(longest.wait, longest.within) },
    { name: t.live.inProgress, value: String(sum((queue) => queue.inProgress)) },
    { name: t.live.level, value: percent(level), tone: levelTone(level) },
    { name: t.live.abandoned, value: String(abandoned) },
    { name: t.live.ready, value: `${ready} / ${live.agents.filter((agent) => agent.state > AgentState.OFFLINE).length}` },
  ];
  return (
    <dl className={styles.tiles} aria-label={t.live.totals}>
      {tiles.map((tile) => (
        <div key={tile.name} className={styles.tile} data-tone={tile.tone}>
          <dt>{tile.name}</dt>
          <dd className="sb-number">{tile.value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Queues({ queues, skew }: { queues: QueueLive[]; skew: number }) {
  const head = [t.live.waiting, t.live.longest, t.live.offered, t.live.answered, t.live.abandoned, t.live.level, t.live.averageWait, t.live.averageHandling];
  return (
    <Table highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t.live.queue}</Table.Th>
          {head.map((name) => (
            <Table.Th key={name} ta="right">
              {name}
            </Table.Th>
          ))}
          <Table.Th ta="right">
            {t.live.ready} / {t.live.busy} / {t.live.staffed}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody className="sb-number">
        {queues.map((queue) => (
          <QueueRow key={queue.queue} queue={queue} skew={skew} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Which of the definitions in use the service level is. */
function Definitions({ queues }: { queues: QueueLive[] }) {
  const definitions = [...new Set(queues.map((queue) => queue.serviceLevelDefinition).filter(Boolean))];
  return definitions.map((definition) => (
    <p key={definition} className="sb-quiet" style={{ margin: "8px 2px 0", fontSize: "0.75rem" }}>
      {t.live.level}: {definition}
    </p>
  ));
}

function QueueRow({ queue, skew }: { queue: QueueLive; skew: number }) {
  const now = useNow() + skew;
  const within = queue.serviceLevelWithin ? durationMs(queue.serviceLevelWithin) : 20_000;
  const wait = queue.waiting > 0 && queue.oldestQueuedAt ? now - timestampMs(queue.oldestQueuedAt) : undefined;
  const tone = wait === undefined ? undefined : waitTone(wait, within);
  const level = queue.serviceLevel;
  return (
    <Table.Tr data-testid="queue" data-queue={queue.queue}>
      <Table.Th scope="row" fw={560}>
        <Link className="sb-link" to={`/interactions?queue=${encodeURIComponent(queue.queue)}&open=1`} title={t.live.openInteractions(queue.name || queue.queue)}>
          {queue.name || queue.queue}
        </Link>
      </Table.Th>
      <Table.Td ta="right" className={`${styles.big} ${styles.cell}`} data-tone={tone} data-testid="waiting">
        {queue.waiting}
      </Table.Td>
      <Table.Td ta="right" className={styles.cell} data-tone={tone}>
        {wait === undefined ? t.live.none : clock(wait)}
      </Table.Td>
      <Table.Td ta="right">{queue.offered}</Table.Td>
      <Table.Td ta="right" data-testid="answered">
        {queue.answered}
      </Table.Td>
      <Table.Td ta="right">{queue.abandoned}</Table.Td>
      <Table.Td ta="right" className={styles.cell} data-tone={levelTone(level)}>
        <Tooltip label={t.live.levelOf(queue.serviceLevelDefinition, Math.round(within / 1000))} multiline maw={260}>
          <span tabIndex={0}>{percent(level)}</span>
        </Tooltip>
      </Table.Td>
      <Table.Td ta="right">{queue.averageWait ? clock(durationMs(queue.averageWait)) : t.live.none}</Table.Td>
      <Table.Td ta="right">{queue.averageHandling ? clock(durationMs(queue.averageHandling)) : t.live.none}</Table.Td>
      <Table.Td ta="right" className={styles.cell} data-tone={queue.waiting > 0 && queue.agentsReady === 0 ? "warn" : undefined}>
        {queue.agentsReady} / {queue.agentsBusy} / {queue.agentsStaffed}
      </Table.Td>
    </Table.Tr>
  );
}

/** Those who are at work first, by name: a grid whose tiles keep their places. */
function Agents({ agents, skew }: { agents: AgentLive[]; skew: number }) {
  const sorted = [...agents].sort((a, b) => Number(a.state <= AgentState.OFFLINE) - Number(b.state <= AgentState.OFFLINE) || a.name.localeCompare(b.name));
  return (
    <ul className={styles.agents}>
      {sorted.map((agent) => (
        <li key={agent.agentId}>
          <Link className={styles.agent} to={`/interactions?agent=${encodeURIComponent(agent.agentId)}`} data-testid="agent" data-agent={agent.agentId}>
            <Face name={agent.name || agent.agentId} size={34} />
            <span style={{ fontWeight: 560 }}>{agent.name || agent.agentId}</span>
            <span className="sb-quiet" style={{ fontSize: "0.75rem" }}>
              <Running from={agent.since && timestampMs(agent.since)} skew={skew} />
            </span>
            <span style={{ display: "flex", gap: 10, alignItems: "center" }}>
              <Pill tone={toneOfState(agent.state)} dot>
                {agent.auxCode && agent.state === AgentState.AWAY ? t.status.awayFor(agent.auxCode) : t.agentState[agent.state]}
              </Pill>
            </span>
            <span className={styles.loads}>
              {agent.loads
                .filter((load) => load.slots > 0)
                .map((load) => (
                  <span key={load.channel} className="sb-number" title={channelName(load.channel)}>
                    <ChannelIcon channel={load.channel} size={13} named />
                    {load.used}/{load.slots}
                  </span>
                ))}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
