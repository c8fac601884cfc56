// The centre's configuration, to read; and the health of its services.
import { Table, Tabs } from "@mantine/core";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
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

export function CentrePage() {
  const centre = useCentre();
  const [params, setParams] = useSearchParams();
  const tab = (params.get("tab") ?? "queues") as Tab;
  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={t.centre.title}>
      <div className="sb-page-head">
        <h1>{centre.data?.tenant?.name || t.centre.title}</h1>
        <span className="sb-quiet">
          {centre.data?.tenant?.key} · {centre.data?.tenant?.timeZone}
        </span>
      </div>
      <p className="sb-quiet" style={{ marginTop: -8 }}>
        {t.centre.intro}
      </p>
      <Tabs value={tab} onChange={(value) => setParams(value ? { tab: value } : {}, { replace: true })} keepMounted={false}>
        <Tabs.List mb={16}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t.centre.tabs[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((each) => (
          <Tabs.Panel key={each} value={each}>
            <div className="sb-card sb-scroll">
              {each === "health" ? (
                <Health />
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
            <Named key="n" of={queue} />,
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
    case "agents":
      return (
        <Grid
          head={[t.centre.name, t.centre.skills, t.centre.team, t.centre.profile]}
          rows={centre.agents.map((agent) => [
            <Named key="n" of={agent} />,
            <span key="s" style={{ display: "flex", gap: 6, flexWrap: "wrap" }}>
              {agent.skills.map((skill) => (
                <Pill key={skill.skill}>
                  {skill.skill} {skill.proficiency}
                </Pill>
              ))}
            </span>,
            agent.team || t.live.none,
            agent.routingProfile || t.live.none,
          ])}
        />
      );
    case "people":
      return (
        <Grid
          head={[t.centre.name, t.centre.roles, t.centre.email, t.centre.state]}
          rows={centre.users.map((user) => [
            <Named key="n" of={user} />,
            list(user.roles.map((role) => t.role[role] ?? "")),
            user.email || t.live.none,
            <Pill key="s" tone={user.disabled ? "off" : "good"}>
              {user.disabled ? t.centre.disabled : t.centre.active}
            </Pill>,
          ])}
        />
      );
    case "entryPoints":
      return (
        <Grid
          head={[t.centre.name, t.centre.channel, t.centre.addresses, t.centre.flow, t.centre.origins]}
          rows={centre.entryPoints.map((entry) => [
            <Named key="n" of={entry} />,
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
            <Named key="n" of={profile} />,
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
            <Named key="n" of={hours} />,
            hours.timeZone || centre.tenant?.timeZone,
            hours.closed ? <Pill tone="bad">{t.centre.closed}</Pill> : weekOf(hours),
            list(hours.holidays.map((holiday) => `${holiday.date} ${holiday.name}`)),
          ])}
        />
      );
    default:
      return <Grid head={[t.centre.name]} rows={centre.skills.map((skill) => [<Named key="n" of={skill} />])} />;
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

function Named({ of }: { of: { key: string; name: string } }) {
  return (
    <>
      <div style={{ fontWeight: 560 }}>{of.name || of.key}</div>
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
