// All interactions, newest first, with filters that live in the URL.
import { Button, Checkbox, Select, Table, TextInput } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearchParams } from "react-router";
import { ask } from "../api/clients";
import { useApi } from "../context";
import type { Interaction } from "../gen/switchboard/crm/v1/types_pb";
import { InteractionState } from "../gen/switchboard/crm/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { clock, length, ms } from "../lib/time";
import type { Tone } from "../parts/bits";
import { Ago, ChannelIcon, channelName, Empty, Failed, Pill } from "../parts/bits";
import { useCentre, useNames } from "../parts/names";
import { t } from "../strings";
import styles from "./interactions.module.css";

const PAGE = 50;
const EVERY_MS = 5_000;

export const toneOfInteraction = (state: InteractionState): Tone =>
  state === InteractionState.CLOSED
    ? "off"
    : state === InteractionState.QUEUED || state === InteractionState.OFFERED
      ? "warn"
      : state === InteractionState.WRAP_UP
        ? "accent"
        : "good";

export function InteractionsPage() {
  const api = useApi();
  const centre = useCentre();
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
  const filtered = [...params.keys()].length > 0;
  const day = (name: string, plus = 0) => (get(name) === "" ? undefined : timestampFromMs(new Date(`${get(name)}T00:00`).getTime() + plus));

  const list = useInfiniteQuery({
    queryKey: ["interactions", params.toString()],
    queryFn: ({ pageParam }) =>
      api.crm.listInteractions(
        {
          queue: get("queue"),
          agentId: get("agent"),
          customerId: get("customer"),
          channel: Number(get("channel")) as Channel,
          openOnly: get("open") === "1",
          startedFrom: day("from"),
          startedBefore: day("to", 24 * 3600_000),
          pageSize: PAGE,
          pageToken: pageParam,
        },
        ask,
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 1) === 1 ? EVERY_MS : false),
    placeholderData: (before) => before,
  });
  const rows = list.data?.pages.flatMap((page) => page.interactions) ?? [];
  const named = (all: { key: string; name: string }[] | undefined) => (all ?? []).map((each) => ({ value: each.key, label: each.name || each.key }));

  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={t.interactions.title}>
      <div className="sb-page-head">
        <h1>{t.interactions.title}</h1>
        {list.data && <span className="sb-quiet sb-number">{t.interactions.count(rows.length, list.hasNextPage)}</span>}
      </div>
      <div className={styles.filters} role="search" aria-label={t.interactions.filters}>
        <Filter label={t.interactions.queue} data={named(centre.data?.queues)} value={get("queue")} onChange={(value) => set("queue", value)} />
        <Filter label={t.interactions.agent} data={named(centre.data?.agents)} value={get("agent")} onChange={(value) => set("agent", value)} />
        <Filter
          label={t.interactions.channel}
          data={[Channel.VOICE, Channel.CHAT].map((channel) => ({ value: String(channel), label: channelName(channel) }))}
          value={get("channel")}
          onChange={(value) => set("channel", value)}
        />
        <TextInput type="date" size="xs" label={t.interactions.from} value={get("from")} onChange={(event) => set("from", event.currentTarget.value)} />
        <TextInput type="date" size="xs" label={t.interactions.before} value={get("to")} onChange={(event) => set("to", event.currentTarget.value)} />
        <Checkbox
          size="sm"
          mb={6}
          label={t.interactions.openOnly}
          checked={get("open") === "1"}
          onChange={(event) => set("open", event.currentTarget.checked ? "1" : "")}
        />
        {filtered && (
          <Button variant="subtle" onClick={() => setParams({}, { replace: true })}>
            {t.interactions.clear}
          </Button>
        )}
      </div>
      <div className="sb-card sb-scroll">
        {list.isError && !list.data ? (
          <Failed error={list.error} retry={() => void list.refetch()} />
        ) : list.data && rows.length === 0 ? (
          <Empty icon={IconInbox}>{filtered ? t.interactions.emptyFiltered : t.interactions.empty}</Empty>
        ) : (
          <Rows rows={rows} />
        )}
      </div>
      {list.hasNextPage && (
        <Button variant="default" mt={14} loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t.interactions.more}
        </Button>
      )}
    </div>
  );
}

function Filter(props: { label: string; data: { value: string; label: string }[]; value: string; onChange: (value: string) => void }) {
  return (
    <Select
      size="xs"
      w={140}
      label={props.label}
      placeholder={t.interactions.any}
      clearable
      comboboxProps={{ shadow: "md" }}
      data={props.data}
      value={props.value || null}
      onChange={(value) => props.onChange(value ?? "")}
    />
  );
}

function Rows({ rows }: { rows: Interaction[] }) {
  const names = useNames();
  const navigate = useNavigate();
  const head = [t.interactions.customer, t.interactions.state, t.interactions.queue, t.interactions.agent, t.interactions.disposition];
  return (
    <Table highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          {head.map((name) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
          <Table.Th ta="right">{t.interactions.wait}</Table.Th>
          <Table.Th ta="right">{t.interactions.talk}</Table.Th>
          <Table.Th ta="right">{t.interactions.started}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.interactionId} className={styles.row} onClick={() => void navigate(`/interactions/${row.interactionId}`)} data-testid="interaction">
            <Table.Td>
              <div className={styles.who}>
                <ChannelIcon channel={row.channel} named />
                <div style={{ minWidth: 0 }}>
                  <Link className={styles.link} to={`/interactions/${row.interactionId}`} onClick={(event) => event.stopPropagation()}>
                    {row.customerName || t.unknownCustomer}
                  </Link>
                  {row.preview !== "" && <div className={styles.preview}>{row.preview}</div>}
                </div>
              </div>
            </Table.Td>
            <Table.Td>
              <Pill tone={toneOfInteraction(row.state)}>
                {row.state === InteractionState.CLOSED && row.endReason ? t.endReason[row.endReason] : t.interactionState[row.state]}
              </Pill>
            </Table.Td>
            <Table.Td>{row.queue ? names.queue(row.queue) : t.live.none}</Table.Td>
            <Table.Td>{row.agentId ? names.agent(row.agentId) : t.live.none}</Table.Td>
            <Table.Td>{row.disposition || t.live.none}</Table.Td>
            <Table.Td ta="right" className="sb-number">
              {row.wait ? clock(length(row.wait) ?? 0) : t.live.none}
            </Table.Td>
            <Table.Td ta="right" className="sb-number">
              {row.talk ? clock(length(row.talk) ?? 0) : t.live.none}
            </Table.Td>
            <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
              <Ago at={ms(row.startedAt)} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
