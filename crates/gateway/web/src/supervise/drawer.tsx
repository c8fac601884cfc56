// One interaction beside the board: who, where, why, and what was said.
import { Button, Drawer, Group, Loader } from "@mantine/core";
import { IconArrowsExchange, IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "../api/clients";
import { useApi } from "../context";
import { InteractionState } from "../gen/switchboard/crm/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { toneOfInteraction } from "../pages/interactions";
import { Ago, ChannelIcon, Failed, Pill } from "../parts/bits";
import { MessageList } from "../parts/messages";
import { useNames } from "../parts/names";
import { Recordings } from "../parts/recordings";
import { Routing } from "../parts/routing";
import { ms } from "../lib/time";
import { t } from "../strings";
import { isCall, isMovable, useSupervision } from "./context";
import { LiveCall } from "./live-call";
import styles from "./supervise.module.css";

const EVERY_MS = 3_000;
const LAST_MESSAGES = 12;

export function InteractionDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <Drawer
      opened={id !== ""}
      onClose={onClose}
      position="right"
      size={620}
      title={t.supervise.interaction}
      overlayProps={{ backgroundOpacity: 0.15 }}
      closeButtonProps={{ "aria-label": t.shortcuts.close }}
    >
      {id !== "" && <Content key={id} id={id} />}
    </Drawer>
  );
}

function Content({ id }: { id: string }) {
  const api = useApi();
  const names = useNames();
  const supervision = useSupervision();
  const detail = useQuery({
    queryKey: ["interaction", id],
    queryFn: () => api.crm.getInteraction({ interactionId: id }, ask),
    refetchInterval: (query) => (query.state.data?.interaction?.state === InteractionState.CLOSED ? false : EVERY_MS),
  });
  if (detail.isPending) return <Loader size="sm" />;
  if (detail.isError) return <Failed error={detail.error} retry={() => void detail.refetch()} />;
  const { interaction, messages } = detail.data;
  if (!interaction) return <Failed error={new Error(t.errors.notFound)} />;
  return (
    <div className={styles.drawer}>
      <div className={styles.drawerHead}>
        <ChannelIcon channel={interaction.channel} size={19} named />
        <h2>{interaction.customerName || t.unknownCustomer}</h2>
        <Pill tone={toneOfInteraction(interaction.state)}>{t.interactionState[interaction.state]}</Pill>
        <span className="sb-quiet">
          <Ago at={ms(interaction.startedAt)} />
        </span>
      </div>
      <p className="sb-quiet">
        {[interaction.entryPoint && names.entryPoint(interaction.entryPoint), interaction.queue && names.queue(interaction.queue), interaction.agentId && names.agent(interaction.agentId)]
          .filter(Boolean)
          .join(" → ")}
      </p>
      <Group gap="xs">
        <Button variant="default" leftSection={<IconArrowsExchange size={15} aria-hidden />} disabled={!isMovable(interaction)} onClick={() => supervision.move(interaction)}>
          {t.supervise.moveTo}
        </Button>
        <Button variant="subtle" component={Link} to={`/interactions/${id}`} leftSection={<IconExternalLink size={15} aria-hidden />}>
          {t.supervise.whole}
        </Button>
      </Group>
      {isCall(interaction) && <LiveCall id={id} />}
      {interaction.channel === Channel.VOICE && <Recordings interactionId={id} />}
      <section aria-label={t.interaction.routing} data-testid="routing">
        <h3>{t.interaction.routing}</h3>
        <Routing id={id} closed={interaction.state === InteractionState.CLOSED} />
      </section>
      {messages.length > 0 && (
        <section aria-label={t.interaction.messages}>
          <h3>{t.interaction.messages}</h3>
          <MessageList interactionId={id} messages={messages.slice(-LAST_MESSAGES)} customerName={interaction.customerName || t.party.customer} />
        </section>
      )}
    </div>
  );
}
