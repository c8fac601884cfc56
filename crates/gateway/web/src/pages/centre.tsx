// The centre's configuration: lists that lead to an editor each, what was changed by whom, and the health of its services.
import { Button, Table, Tabs } from "@mantine/core";
import { IconLock, IconPlus } from "@tabler/icons-react";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import styles from "../admin/admin.module.css";
import { Changes } from "../admin/changes";
import { useMayEdit } from "../admin/data";
import { NEW } from "../admin/editor";
import { ask } from "../api/clients";
import { useApi } from "../context";
import type { Centre } from "../gen/switchboard/directory/v1/service_pb";
import type { Hours, Queue } from "../gen/switchboard/directory/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { clock } from "../lib/time";
import { ChannelIcon, channelName, Empty, Failed, Pill } from "../parts/bits";
import { namesOf, useCentre } from "../parts/names";
import { t } from "../strings";

type Tab = keyof typeof t.centre.tabs;
const tabs = Object.keys(t.centre.tabs) as Tab[];

/** Tabs of things that can be added, with what one of them is called. */
const WHAT: Partial<Record<Tab, string>> = {
  queues: t.admin.what.queue,
  people: t.admin.what.person,
  entryPoints: t.admin.what.entryPoint,
  profiles: t.admin.what.profile,
  hours: t.admin.what.hours,
  skills: t.admin.what.skill,
  teams: t.admin.what.team,
};

export function CentrePage() {
  const centre = useCentre();
  const mayEdit = useMayEdit();
  const [params, setParams] = useSearchParams();
  const asked = params.get("tab") as Tab | null;
  const shown = tabs.filter((tab) => tab !== "changes" || mayEdit);
  const tab = asked && shown.includes(asked) ? asked : "queues";
  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={t.centre.title}>
      <div className="sb-page-head">
        <h1>{centre.data?.tenant?.name || t.centre.title}</h1>
        <span className="sb-quiet">
          {centre.data?.tenant?.key} · {centre.data?.tenant?.timeZone}
        </span>
      </div>
      <Tabs value={tab} onChange={(value) => setParams(value ? { tab: value } : {}, { replace: true })} keepMounted={false}>
        <Tabs.List mb={14}>
          {shown.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t.centre.tabs[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map((each) => (
          <Tabs.Panel key={each} value={each}>
            {WHAT[each] && (
              <div className={styles.tools}>
                <span className="sb-quiet">{mayEdit ? t.centre.intro : t.centre.introRead}</span>
                {mayEdit && (
                  <Button size="sm" component={Link} to={`/centre/${each}/${NEW}`} leftSection={<IconPlus size={15} aria-hidden />}>
                    {t.admin.add(WHAT[each])}
                  </Button>
                )}
              </div>
            )}
            <div className="sb-card sb-scroll">
              {each === "health" ? (
                <Health />
              ) : each === "changes" ? (
                <Changes />
              ) : centre.data ? (
                <Rows centre={centre.data} tab={each} />
              ) : centre.isError ? (
                <Failed error={centre.error} retry={() => void centre.refetch()} />
              ) : null}
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}

const lasts = (duration: Duration | undefined): string => (duration ? clock(durationMs(duration)) : t.live.none);
const list = (values: string[]): string => (values.length > 0 ? values.join(", ") : t.live.none);

function Rows({ centre, tab }: { centre: Centre; tab: Tab }) {
  const names = namesOf(centre);
  switch (tab) {
    case "queues":
      return (
        <Grid
          head={[t.centre.name, t.centre.priority, t.centre.rings, t.centre.strategy, t.centre.offer, t.centre.wrapUp, t.centre.level, t.centre.dispositions]}
          rows={centre.queues.map((queue) => [
            <Named key="n" of={queue} tab={tab} closed={queue.closed} />,
            queue.priority,
            <Rings key="r" queue={queue} />,
            t.strategy[queue.strategy],
            lasts(queue.offerTimeout),
            `${t.wrapUpMode[queue.wrapUpMode]}${queue.wrapUpMode === 3 ? ` ${lasts(queue.wrapUpLimit)}` : ""}`,
            lasts(queue.serviceLevelWithin),
            queue.dispositions.length > 0 ? queue.dispositions.join(", ") : t.centre.freeText,
          ])}
        />
      );
    case "people": {
      const agents = new Map(centre.agents.map((agent) => [agent.key, agent]));
      return (
        <Grid
          head={[t.centre.name, t.centre.roles, t.centre.skills, t.centre.team, t.centre.profile, t.centre.state]}
          rows={centre.users.map((user) => {
            const agent = agents.get(user.key);
            return [
              <Named key="n" of={user} tab={tab} />,
              list(user.roles.map((role) => t.role[role] ?? "")),
              <span key="s" style={{ display: "flex", gap: 6, flexWrap: "wrap" }}>
                {agent?.skills.map((skill) => (
                  <Pill key={skill.skill}>
                    {skill.skill} {skill.proficiency}
                  </Pill>
                ))}
              </span>,
              (agent && centre.teams.find((team) => team.key === agent.team)?.name) || t.live.none,
              (agent && centre.routingProfiles.find((profile) => profile.key === agent.routingProfile)?.name) || t.live.none,
              <Pill key="a" tone={user.disabled ? "off" : "good"}>
                {user.disabled ? t.centre.disabled : t.centre.active}
              </Pill>,
            ];
          })}
        />
      );
    }
    case "entryPoints":
      return (
        <Grid
          head={[t.centre.name, t.centre.channel, t.centre.addresses, t.centre.flow, t.centre.origins]}
          rows={centre.entryPoints.map((entry) => [
            <Named key="n" of={entry} tab={tab} />,
            <WithIcon key="c" channel={entry.channel} />,
            list(entry.addresses),
            entry.flow,
            entry.channel === Channel.CHAT ? (entry.allowedOrigins.length > 0 ? list(entry.allowedOrigins) : t.centre.anyOrigin) : t.live.none,
          ])}
        />
      );
    case "profiles":
      return (
        <Grid
          head={[t.centre.name, t.centre.capacities, t.centre.serves]}
          rows={centre.routingProfiles.map((profile) => [
            <Named key="n" of={profile} tab={tab} />,
            list(profile.capacities.map((capacity) => `${channelName(capacity.channel)} ${capacity.slots}`)),
            list(
              profile.queues.map((each) =>
                [names.queue(each.queue), each.channel ? channelName(each.channel).toLowerCase() : "", each.delay ? t.centre.delay(lasts(each.delay)) : ""]
                  .filter(Boolean)
                  .join(" "),
              ),
            ),
          ])}
        />
      );
    case "hours":
      return (
        <Grid
          head={[t.centre.name, t.centre.zone, t.centre.open, t.centre.holidays]}
          rows={centre.hours.map((hours) => [
            <Named key="n" of={hours} tab={tab} />,
            hours.timeZone || centre.tenant?.timeZone,
            hours.closed ? <Pill tone="bad">{t.centre.closed}</Pill> : weekOf(hours),
            list(hours.holidays.map((holiday) => `${holiday.date} ${holiday.name}`)),
          ])}
        />
      );
    case "teams":
      return (
        <Grid
          head={[t.centre.name, t.live.agents]}
          rows={centre.teams.map((team) => [
            <Named key="n" of={team} tab={tab} />,
            list(centre.agents.filter((agent) => agent.team === team.key).map((agent) => agent.name || agent.key)),
          ])}
        />
      );
    default:
      return (
        <Grid
          head={[t.centre.name, t.admin.masters]}
          rows={centre.skills.map((skill) => [
            <Named key="n" of={skill} tab={tab} />,
            list(
              centre.agents.flatMap((agent) =>
                agent.skills.filter((level) => level.skill === skill.key).map((level) => `${agent.name || agent.key} ${level.proficiency}`),
              ),
            ),
          ])}
        />
      );
  }
}

function weekOf(hours: Hours): string {
  const minute = (value: number) => `${String(Math.floor(value / 60)).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`;
  const byTimes = new Map<string, number[]>();
  for (const interval of hours.intervals) {
    const times = `${minute(interval.fromMinute)}–${minute(interval.toMinute)}`;
    byTimes.set(times, [...(byTimes.get(times) ?? []), interval.weekday]);
  }
  const span = (days: number[]) => {
    const first = days[0] ?? 0;
    const last = days.at(-1) ?? 0;
    const name = (weekday: number) => t.centre.weekdays[weekday] ?? "";
    return days.length > 2 && last - first === days.length - 1 ? `${name(first)}–${name(last)}` : days.map(name).join(", ");
  };
  return list([...byTimes].map(([times, days]) => `${span(days)} ${times}`));
}

function Rings({ queue }: { queue: Queue }) {
  if (queue.rings.length === 0) return t.centre.anyAgent;
  return (
    <span>
      {queue.rings.map((ring, index) => (
        <div key={index}>{ring.lasts ? t.centre.ringFor(ring.expression || t.centre.anyAgent, lasts(ring.lasts)) : ring.expression || t.centre.anyAgent}</div>
      ))}
    </span>
  );
}

function Named({ of, tab, closed = false }: { of: { key: string; name: string }; tab: Tab; closed?: boolean }) {
  return (
    <>
      <div style={{ display: "flex", gap: 8, alignItems: "center" }}>
        <Link className={styles.rowLink} to={`/centre/${tab}/${of.key}`}>
          {of.name || of.key}
        </Link>
        {closed && (
          <Pill tone="bad">
            <IconLock size={12} aria-hidden /> {t.supervise.closedNow}
          </Pill>
        )}
      </div>
      <code className="sb-quiet" style={{ fontSize: "0.75rem" }}>
        {of.key}
      </code>
    </>
  );
}

function WithIcon({ channel }: { channel: Channel }) {
  return (
    <span style={{ display: "inline-flex", gap: 7, alignItems: "center" }}>
      <ChannelIcon channel={channel} size={15} /> {channelName(channel)}
    </span>
  );
}

function Grid({ head, rows }: { head: string[]; rows: ReactNode[][] }) {
  if (rows.length === 0) return <Empty>{t.centre.empty}</Empty>;
  return (
    <Table verticalSpacing={10}>
      <Table.Thead>
        <Table.Tr>
          {head.map((name) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, index) => (
          <Table.Tr key={index}>
            {row.map((cell, column) => (
              <Table.Td key={head[column]}>{cell}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const HEALTH_EVERY_MS = 5_000;

function Health() {
  const api = useApi();
  const status = useQuery({ queryKey: ["status"], queryFn: () => api.operations.getStatus({}, ask), refetchInterval: HEALTH_EVERY_MS });
  if (status.isError) return <Failed error={status.error} retry={() => void status.refetch()} />;
  if (!status.data) return null;
  return (
    <>
      <Grid
        head={[t.centre.service, t.centre.state, t.centre.detail]}
        rows={status.data.services.map((service) => [
          service.service,
          <Pill key="r" tone={service.ready ? "good" : "bad"} dot>
            {service.ready ? t.centre.ready : t.centre.notReady}
          </Pill>,
          service.detail || t.live.none,
        ])}
      />
      <p className="sb-quiet" style={{ margin: 0, padding: "10px 14px" }}>
        {t.centre.version(status.data.version)}
      </p>
    </>
  );
}
