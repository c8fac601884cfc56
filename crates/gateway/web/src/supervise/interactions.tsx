// What is going on now, a row each: drag it to a queue or an agent, or move it by its menu.
import { ActionIcon, Menu, Table } from "@mantine/core";
import { IconArrowsExchange, IconDots, IconEye, IconFlag, IconGripVertical, IconInbox } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import type { Interaction } from "../gen/switchboard/crm/v1/types_pb";
import { InteractionState } from "../gen/switchboard/crm/v1/types_pb";
import { useNow } from "../lib/hooks";
import { clock, exact, ms } from "../lib/time";
import { toneOfInteraction } from "../pages/interactions";
import styles from "../pages/live.module.css";
import { ChannelIcon, Empty, Pill } from "../parts/bits";
import { useNames } from "../parts/names";
import { t } from "../strings";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { ListenItems } from "./listen-items";
import { dragSource, isMovable, isWaiting, useSupervision } from "./context";

const PRIORITIES = [0, 1, 5, 10];

export function OpenInteractions({ rows, onShow }: { rows: Interaction[]; onShow: (id: string) => void }) {
  if (rows.length === 0) return <Empty icon={IconInbox}>{t.supervise.nothingOpen}</Empty>;
  return (
    <Table highlightOnHover verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t.interactions.customer}</Table.Th>
          <Table.Th>{t.interactions.state}</Table.Th>
          <Table.Th>{t.interactions.queue}</Table.Th>
          <Table.Th ta="right">{t.supervise.age}</Table.Th>
          <Table.Th aria-label={t.supervise.actions} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Row key={row.interactionId} row={row} onShow={onShow} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ row, onShow }: { row: Interaction; onShow: (id: string) => void }) {
  const names = useNames();
  const supervision = useSupervision();
  const now = useNow();
  const movable = isMovable(row);
  const since = ms((isWaiting(row) && row.queuedAt) || row.startedAt);
  const name = row.customerName || t.unknownCustomer;
  const onKey = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "m" && movable && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      supervision.move(row);
    }
  };
  return (
    <Table.Tr data-testid="open-interaction" data-id={row.interactionId} data-movable={movable} className={styles.movable} {...dragSource(supervision, row)}>
      <Table.Td>
        <span className={styles.rowWho}>
          <IconGripVertical size={14} aria-hidden className={styles.grip} />
          <ChannelIcon channel={row.channel} named />
          <button type="button" className={styles.open} onClick={() => onShow(row.interactionId)} onKeyDown={onKey} title={movable ? t.supervise.moveHint : undefined}>
            {name}
          </button>
        </span>
      </Table.Td>
      <Table.Td>
        <Pill tone={toneOfInteraction(row.state)}>{t.interactionState[row.state]}</Pill>
      </Table.Td>
      <Table.Td className={styles.where}>
        {row.queue ? names.queue(row.queue) : t.live.none}
        {row.agentId !== "" && <span className="sb-quiet"> · {names.agent(row.agentId)}</span>}
      </Table.Td>
      <Table.Td ta="right" className="sb-number">
        {since === undefined ? t.live.none : <time title={exact(since)}>{clock(now - since)}</time>}
      </Table.Td>
      <Table.Td w={44} p={4}>
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon aria-label={t.supervise.actionsOf(name)}>
              <IconDots size={17} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconEye size={15} aria-hidden />} onClick={() => onShow(row.interactionId)}>
              {t.supervise.show}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowsExchange size={15} aria-hidden />} disabled={!movable} onClick={() => supervision.move(row)}>
              {t.supervise.moveTo}
            </Menu.Item>
            {row.channel === Channel.VOICE && row.state === InteractionState.CONNECTED && <ListenItems id={row.interactionId} />}
            {row.state === InteractionState.QUEUED && (
              <>
                <Menu.Divider />
                <Menu.Label>{t.supervise.priority}</Menu.Label>
                {PRIORITIES.map((priority) => (
                  <Menu.Item key={priority} leftSection={<IconFlag size={15} aria-hidden />} onClick={() => void supervision.setPriority(row, priority)}>
                    {t.supervise.priorityOf(priority)}
                  </Menu.Item>
                ))}
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  );
}
