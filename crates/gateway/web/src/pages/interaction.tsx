// One interaction: its story, what was said, and why it went to whom.
import { Loader } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ask } from "../api/clients";
import { useApi } from "../context";
import type { TimelineEvent, Interaction } from "../gen/switchboard/crm/v1/types_pb";
import { InteractionState } from "../gen/switchboard/crm/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { clock, exact, length, ms, secondOfDay } from "../lib/time";
import { Ago, ChannelIcon, channelName, Failed, Pill } from "../parts/bits";
import { MessageList } from "../parts/messages";
import { useNames } from "../parts/names";
import { Recordings } from "../parts/recordings";
import { Routing } from "../parts/routing";
import { t } from "../strings";
import { isCall } from "../supervise/context";
import { LiveCall } from "../supervise/live-call";
import { toneOfInteraction } from "./interactions";
import styles from "./interactions.module.css";

const EVERY_MS = 3_000;

export function InteractionPage() {
  const { id = "" } = useParams();
  const api = useApi();
  const detail = useQuery({
    queryKey: ["interaction", id],
    queryFn: () => api.crm.getInteraction({ interactionId: id }, ask),
    refetchInterval: (query) => (query.state.data?.interaction?.state === InteractionState.CLOSED ? false : EVERY_MS),
  });
  if (detail.isPending)
    return (
      <div className="sb-empty">
        <Loader size="sm" />
      </div>
    );
  if (detail.isError) return <Failed error={detail.error} retry={() => void detail.refetch()} />;
  const { interaction, messages, events } = detail.data;
  if (!interaction) return <Failed error={new Error(t.errors.notFound)} />;
  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={t.interactions.title}>
      <Link className={styles.back} to="/interactions">
        <IconArrowLeft size={15} aria-hidden /> {t.interaction.back}
      </Link>
      <div className="sb-page-head" style={{ alignItems: "center" }}>
        <ChannelIcon channel={interaction.channel} size={20} named />
        <h1>{interaction.customerName || t.unknownCustomer}</h1>
        <Pill tone={toneOfInteraction(interaction.state)}>{t.interactionState[interaction.state]}</Pill>
        <span className="sb-quiet">
          <Ago at={ms(interaction.startedAt)} />
        </span>
      </div>
      <div className={styles.columns}>
        <div className={styles.main}>
          {isCall(interaction) && <LiveCall id={id} className={`sb-card ${styles.card}`} />}
          {interaction.channel === Channel.VOICE && <Recordings interactionId={id} className={`sb-card ${styles.card}`} />}
          <section className={`sb-card ${styles.card}`} aria-label={t.interaction.routing} data-testid="routing">
            <h2>{t.interaction.routing}</h2>
            <Routing id={id} closed={interaction.state === InteractionState.CLOSED} />
          </section>
          <section className={`sb-card ${styles.card}`} aria-label={t.interaction.messages}>
            <h2>{t.interaction.messages}</h2>
            {messages.length > 0 ? (
              <MessageList interactionId={id} messages={messages} customerName={interaction.customerName || t.party.customer} />
            ) : (
              <p className="sb-quiet" style={{ margin: 0 }}>
                {t.interaction.noMessages}
              </p>
            )}
          </section>
        </div>
        <div className={styles.main}>
          <section className={`sb-card ${styles.card}`} aria-label={t.interaction.facts}>
            <h2>{t.interaction.facts}</h2>
            <Facts interaction={interaction} />
          </section>
          <section className={`sb-card ${styles.card}`} aria-label={t.interaction.timeline} data-testid="timeline">
            <h2>{t.interaction.timeline}</h2>
            <Timeline events={events} />
          </section>
        </div>
      </div>
    </div>
  );
}

function Facts({ interaction }: { interaction: Interaction }) {
  const names = useNames();
  const lasts = (value: Interaction["wait"]) => (value ? clock(length(value) ?? 0) : "");
  const rows: [string, React.ReactNode][] = [
    [
      t.interaction.customer,
      interaction.customerId ? (
        <Link className="sb-link" to={`/customers/${interaction.customerId}`}>
          {interaction.customerName || t.unknownCustomer}
        </Link>
      ) : (
        interaction.customerName
      ),
    ],
    [t.interaction.direction, `${t.direction[interaction.direction]} ${channelName(interaction.channel).toLowerCase()}`],
    [t.interaction.entryPoint, names.entryPoint(interaction.entryPoint)],
    [t.interaction.queue, interaction.queue && names.queue(interaction.queue)],
    [t.interaction.agentLabel, interaction.agentId && names.agent(interaction.agentId)],
    [t.interaction.wait, lasts(interaction.wait)],
    [t.interaction.talk, lasts(interaction.talk)],
    [t.interaction.wrapUp, lasts(interaction.wrapUp)],
    [t.interaction.ended, interaction.endReason ? t.endReason[interaction.endReason] : ""],
    [t.interaction.disposition, interaction.disposition],
    [t.interaction.note, interaction.note],
    [t.interaction.id, <code key="id" style={{ fontSize: "0.75rem" }}>{interaction.interactionId}</code>],
  ];
  return (
    <dl className={styles.facts}>
      {rows
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Timeline({ events }: { events: TimelineEvent[] }) {
  if (events.length === 0)
    return (
      <p className="sb-quiet" style={{ margin: 0 }}>
        {t.interaction.noEvents}
      </p>
    );
  return (
    <ol className={styles.timeline}>
      {events.map((event, index) => {
        const at = ms(event.at);
        return (
          <li key={`${event.sequence}-${index}`}>
            <time title={at === undefined ? undefined : exact(at)}>{at === undefined ? "" : secondOfDay(at)}</time>
            <i aria-hidden />
            <span>{event.text || event.kind}</span>
          </li>
        );
      })}
    </ol>
  );
}
