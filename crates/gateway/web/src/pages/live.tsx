// The supervisor's page: queues, what is going on, and agents, live; work moves by drag or by menu. Its filters live in the URL.
import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconStack2, IconUsers } from "@tabler/icons-react";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { useSearchParams } from "react-router";
import { supervises } from "../api/session";
import { useSession } from "../context";
import type { Live, QueueLive } from "../gen/switchboard/analytics/v1/service_pb";
import { Role } from "../gen/switchboard/directory/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { AgentState } from "../gen/switchboard/router/v1/types_pb";
import { useNow } from "../lib/hooks";
import { clock, secondOfDay } from "../lib/time";
import { channelName, Empty, Failed, Pill } from "../parts/bits";
import { useLive } from "../parts/live-data";
import { useCentre } from "../parts/names";
import { t } from "../strings";
import { Agents } from "../supervise/agents";
import { Closures } from "../supervise/closures";
import { Supervise } from "../supervise/context";
import { useOpenInteractions, useRouterQueues } from "../supervise/data";
import { InteractionDrawer } from "../supervise/drawer";
import { OpenInteractions } from "../supervise/interactions";
import { MoveDialog } from "../supervise/move";
import { Queues } from "../supervise/queues";
import { levelTone, percent, waitTone } from "../supervise/tones";
import { Trunks } from "../supervise/trunks";
import { Wallboard } from "../supervise/wallboard";
import styles from "./live.module.css";

const FILTERS = ["queue", "team", "state", "channel"] as const;

export function LivePage() {
  return (
    <Supervise>
      <Page />
    </Supervise>
  );
}

function Page() {
  const { live, error, skew, stale } = useLive();
  const session = useSession();
  const seen = useRouterQueues().data;
  const [params, setParams] = useSearchParams();
  const get = (name: string) => params.get(name) ?? "";
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  if (!live && error) return <Failed error={error} />;
  const wall = get("view") === "wall";
  const queues = live?.queues.filter((queue) => get("queue") === "" || queue.queue === get("queue")) ?? [];
  const acts = supervises(session) && session.roles.some((role) => role === Role.SUPERVISOR || role === Role.ADMINISTRATOR);
  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={t.live.title}>
      <div className={`sb-page-head ${styles.head}`}>
        <h1>{t.live.title}</h1>
        <span className="sb-quiet">{t.live.today}</span>
        <span style={{ flex: 1 }} />
        {stale ? <Pill tone="warn">{t.line.lost}</Pill> : null}
        {live?.at && <span className="sb-quiet sb-number">{t.live.at(secondOfDay(timestampMs(live.at)))}</span>}
        {acts && <Closures seen={seen} />}
        <SegmentedControl
          size="xs"
          aria-label={t.supervise.view}
          value={wall ? "wall" : ""}
          onChange={(value) => set("view", value)}
          data={[
            { value: "", label: t.supervise.details },
            { value: "wall", label: t.supervise.wallboard },
          ]}
        />
      </div>
      {live && live.queues.length === 0 ? (
        <div className="sb-card">
          <Empty icon={IconStack2}>{t.live.emptyQueues}</Empty>
        </div>
      ) : wall ? (
        <Wallboard queues={queues} seen={seen} skew={skew} />
      ) : (
        live && (
          <>
            <Totals live={live} skew={skew} />
            <Filters get={get} set={set} clear={() => setParams({}, { replace: true })} live={live} />
            <section className={styles.block} aria-label={t.live.queues}>
              <div className="sb-card sb-scroll">
                <Queues queues={queues} seen={seen} skew={skew} />
              </div>
              <Definitions queues={live.queues} />
            </section>
            <div className={styles.twoColumns}>
              <Work get={get} onShow={(id) => set("show", id)} />
              <People live={live} get={get} skew={skew} />
            </div>
            {acts && <Trunks />}
          </>
        )
      )}
      <InteractionDrawer id={get("show")} onClose={() => set("show", "")} />
      <MoveDialog />
    </div>
  );
}

type Get = (name: string) => string;

function Filters({ get, set, clear, live }: { get: Get; set: (name: string, value: string) => void; clear: () => void; live: Live }) {
  const centre = useCentre();
  const named = (all: { key: string; name: string }[] | undefined) => (all ?? []).map((each) => ({ value: each.key, label: each.name || each.key }));
  const states = [...new Set(live.agents.map((agent) => agent.state))].sort((a, b) => a - b);
  const choices: Record<(typeof FILTERS)[number], { label: string; data: { value: string; label: string }[] }> = {
    queue: { label: t.interactions.queue, data: live.queues.map((queue) => ({ value: queue.queue, label: queue.name || queue.queue })) },
    channel: {
      label: t.interactions.channel,
      data: [Channel.VOICE, Channel.CHAT].map((channel) => ({ value: String(channel), label: channelName(channel) })),
    },
    team: { label: t.centre.team, data: named(centre.data?.teams) },
    state: { label: t.supervise.agentState, data: states.map((state) => ({ value: String(state), label: t.agentState[state] ?? "" })) },
  };
  return (
    <div className={styles.filters} role="search" aria-label={t.interactions.filters}>
      {FILTERS.map((name) => (
        <Select
          key={name}
          size="xs"
          w={160}
          clearable
          searchable
          aria-label={choices[name].label}
          placeholder={choices[name].label}
          data={choices[name].data}
          value={get(name) || null}
          onChange={(value) => set(name, value ?? "")}
          clearButtonProps={{ "aria-label": t.interactions.clear }}
        />
      ))}
      {FILTERS.some((name) => get(name) !== "") && (
        <Button variant="subtle" onClick={clear}>
          {t.interactions.clear}
        </Button>
      )}
    </div>
  );
}

function Work({ get, onShow }: { get: Get; onShow: (id: string) => void }) {
  const open = useOpenInteractions();
  const rows = (open.data?.rows ?? []).filter(
    (row) => (get("queue") === "" || row.queue === get("queue")) && (get("channel") === "" || String(row.channel) === get("channel")),
  );
  return (
    <section className={styles.block} aria-label={t.supervise.going}>
      <h2>
        {t.supervise.going} <span className="sb-quiet sb-number">{open.data ? t.interactions.count(rows.length, open.data.more) : ""}</span>
      </h2>
      <div className="sb-card sb-scroll">
        {open.isError && !open.data ? <Failed error={open.error} retry={() => void open.refetch()} /> : <OpenInteractions rows={rows} onShow={onShow} />}
      </div>
    </section>
  );
}

function People({ live, get, skew }: { live: Live; get: Get; skew: number }) {
  const centre = useCentre();
  const teams = new Map((centre.data?.agents ?? []).map((agent) => [agent.key, agent.team]));
  const shown = live.agents.filter(
    (agent) => (get("state") === "" || String(agent.state) === get("state")) && (get("team") === "" || teams.get(agent.agentId) === get("team")),
  );
  return (
    <section className={styles.block} aria-label={t.live.agents}>
      <h2>
        {t.live.agents} <span className="sb-quiet sb-number">{shown.length}</span>
      </h2>
      {shown.length === 0 ? (
        <div className="sb-card">
          <Empty icon={IconUsers}>{live.agents.length === 0 ? t.live.emptyAgents : t.interactions.emptyFiltered}</Empty>
        </div>
      ) : (
        <Agents agents={shown} skew={skew} />
      )}
    </section>
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

/** Which of the definitions in use the service level is. */
function Definitions({ queues }: { queues: QueueLive[] }) {
  const definitions = [...new Set(queues.map((queue) => queue.serviceLevelDefinition).filter(Boolean))];
  return definitions.map((definition) => (
    <p key={definition} className="sb-quiet" style={{ margin: "8px 2px 0", fontSize: "0.75rem" }}>
      {t.live.level}: {definition}
    </p>
  ));
}
