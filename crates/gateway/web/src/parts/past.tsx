// One past interaction: a line that opens to what was said and what became of it.
import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi } from "../context";
import type { Interaction } from "../gen/switchboard/crm/v1/types_pb";
import { InteractionState } from "../gen/switchboard/crm/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { clock, length, ms } from "../lib/time";
import { t } from "../strings";
import { Ago, channelName, ChannelIcon, Pill } from "./bits";
import styles from "./customer.module.css";
import { MessageList } from "./messages";
import { Recordings } from "./recordings";
import { useNames } from "./names";

export function Past({ interaction, current = false }: { interaction: Interaction; current?: boolean }) {
  const names = useNames();
  const [open, setOpen] = useState(false);
  const id = useId();
  const closed = interaction.state === InteractionState.CLOSED;
  const title = interaction.disposition || (interaction.queue ? names.queue(interaction.queue) : channelName(interaction.channel));
  return (
    <li>
      <button type="button" className={styles.row} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} data-testid="past">
        <ChannelIcon channel={interaction.channel} named />
        <span className={styles.rowTitle}>{title}</span>
        <span className="sb-quiet" style={{ fontSize: "0.75rem" }}>
          {current ? <Pill tone="accent">{t.customer.now}</Pill> : <Ago at={ms(interaction.startedAt)} />}
        </span>
        <span className={styles.rowMore}>
          {interaction.preview || (interaction.agentId ? t.customer.handledBy(names.agent(interaction.agentId)) : closed ? t.endReason[interaction.endReason] : t.interactionState[interaction.state])}
        </span>
      </button>
      <div id={id} hidden={!open} className={styles.expanded}>
        {open && <Expanded interaction={interaction} />}
      </div>
    </li>
  );
}

function Expanded({ interaction }: { interaction: Interaction }) {
  const api = useApi();
  const names = useNames();
  const detail = useQuery({
    queryKey: ["interaction", interaction.interactionId],
    queryFn: () => api.crm.getInteraction({ interactionId: interaction.interactionId }, ask),
  });
  const facts = [
    interaction.agentId && t.customer.handledBy(names.agent(interaction.agentId)),
    interaction.wait && t.customer.wait(clock(length(interaction.wait) ?? 0)),
    interaction.talk && t.customer.talk(clock(length(interaction.talk) ?? 0)),
    interaction.endReason ? t.endReason[interaction.endReason] : undefined,
  ].filter(Boolean);
  return (
    <>
      <p className="sb-quiet" style={{ margin: "0 0 8px" }}>
        {facts.join(" · ")}
      </p>
      {interaction.note && <p style={{ margin: "0 0 8px" }}>{interaction.note}</p>}
      {interaction.channel === Channel.VOICE && <Recordings interactionId={interaction.interactionId} />}
      {detail.isPending ? (
        <Loader size="xs" />
      ) : detail.isError ? (
        <p className="sb-error">{sayError(detail.error)}</p>
      ) : detail.data.messages.length > 0 ? (
        <MessageList
          interactionId={interaction.interactionId}
          messages={detail.data.messages}
          customerName={interaction.customerName || t.party.customer}
        />
      ) : (
        <p className="sb-quiet">{t.customer.noMessages}</p>
      )}
      <Link className="sb-link" to={`/interactions/${interaction.interactionId}`}>
        {t.customer.details}
      </Link>
    </>
  );
}
