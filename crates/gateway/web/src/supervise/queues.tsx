// Queues, a row each: figures, closure, and a place to drop an interaction on.
import { ActionIcon, Menu, Table, Tooltip } from "@mantine/core";
import { IconDots, IconList, IconLock, IconLockOpen } from "@tabler/icons-react";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Link, useNavigate } from "react-router";
import type { QueueLive } from "../gen/switchboard/analytics/v1/service_pb";
import type { QueueView } from "../gen/switchboard/router/v1/types_pb";
import { useNow } from "../lib/hooks";
import { clock } from "../lib/time";
import styles from "../pages/live.module.css";
import { Pill } from "../parts/bits";
import { t } from "../strings";
import { isWaiting, useDropTarget, useSupervision } from "./context";
import { abandonOf, abandonTone, levelTone, percent, waitOf, waitTone, withinOf } from "./tones";

export function Queues({ queues, seen, skew }: { queues: QueueLive[]; seen: Map<string, QueueView> | undefined; skew: number }) {
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
          <Table.Th aria-label={t.supervise.actions} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody className="sb-number">
        {queues.map((queue) => (
          <Row key={queue.queue} queue={queue} seen={seen?.get(queue.queue)} skew={skew} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ queue, seen, skew }: { queue: QueueLive; seen: QueueView | undefined; skew: number }) {
  const now = useNow() + skew;
  const supervision = useSupervision();
  const drop = useDropTarget((interaction) => void supervision.toQueue(interaction, queue.queue, isWaiting(interaction)));
  const within = withinOf(queue);
  const wait = waitOf(queue, now);
  const tone = waitTone(wait, within);
  const level = queue.serviceLevel;
  const name = queue.name || queue.queue;
  return (
    <Table.Tr data-testid="queue" data-queue={queue.queue} className={styles.drop} {...drop}>
      <Table.Th scope="row" fw={560}>
        <span className={styles.queueName}>
          <Link className="sb-link" to={`/interactions?queue=${encodeURIComponent(queue.queue)}&open=1`} title={t.live.openInteractions(name)}>
            {name}
          </Link>
          {seen?.closed && (
            <Pill tone="bad">
              <IconLock size={12} aria-hidden /> {seen.closedByHand ? t.supervise.closedByHand : t.supervise.closedNow}
            </Pill>
          )}
          {seen && seen.scheduled > 0 && <Pill>{t.supervise.scheduled(seen.scheduled)}</Pill>}
          {seen && seen.parked > 0 && <Pill>{t.supervise.parked(seen.parked)}</Pill>}
        </span>
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
      <Table.Td ta="right" className={styles.cell} data-tone={queue.abandoned > 0 ? abandonTone(abandonOf(queue)) : undefined}>
        {queue.abandoned}
      </Table.Td>
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
      <Table.Td w={44} p={4}>
        <QueueMenu queue={queue.queue} name={name} byHand={seen?.closedByHand ?? false} />
      </Table.Td>
    </Table.Tr>
  );
}

function QueueMenu({ queue, name, byHand }: { queue: string; name: string; byHand: boolean }) {
  const supervision = useSupervision();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={t.supervise.actionsOf(name)}>
          <IconDots size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconList size={15} aria-hidden />} onClick={() => void navigate(`/live?queue=${encodeURIComponent(queue)}`)}>
          {t.supervise.onlyThis}
        </Menu.Item>
        <Menu.Divider />
        {byHand ? (
          <Menu.Item leftSection={<IconLockOpen size={15} aria-hidden />} onClick={() => void supervision.closeQueue(queue, false)}>
            {t.supervise.open}
          </Menu.Item>
        ) : (
          <Menu.Item color="red" leftSection={<IconLock size={15} aria-hidden />} onClick={() => void supervision.closeQueue(queue, true)}>
            {t.supervise.close}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
