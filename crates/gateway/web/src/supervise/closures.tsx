// Emergency closure: every calendar and queue with a switch that works at once.
import { Button, Popover, Stack, Switch } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { QueueView } from "../gen/switchboard/router/v1/types_pb";
import { useCentre } from "../parts/names";
import { t } from "../strings";
import { useSupervision } from "./context";
import styles from "./supervise.module.css";

export function Closures({ seen }: { seen: Map<string, QueueView> | undefined }) {
  const supervision = useSupervision();
  const centre = useCentre();
  const hours = centre.data?.hours ?? [];
  const queues = [...(seen?.values() ?? [])];
  const closed = hours.filter((each) => each.closed).length + queues.filter((queue) => queue.closedByHand).length;
  return (
    <Popover position="bottom-end" shadow="md" trapFocus width={300}>
      <Popover.Target>
        <Button variant={closed > 0 ? "light" : "default"} color={closed > 0 ? "red" : undefined} leftSection={<IconLock size={15} aria-hidden />}>
          {closed > 0 ? t.supervise.closuresSome(closed) : t.supervise.closures}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.closures ?? ""} aria-label={t.supervise.closures}>
        <Stack gap={10}>
          <strong>{t.supervise.closeQueues}</strong>
          {queues.map((queue) => (
            <Switch
              key={queue.queue}
              color="red"
              label={queue.name || queue.queue}
              description={queue.closed && !queue.closedByHand ? t.supervise.closedNow : undefined}
              checked={queue.closedByHand}
              onChange={(event) => void supervision.closeQueue(queue.queue, event.currentTarget.checked)}
            />
          ))}
          {hours.length > 0 && <strong>{t.supervise.closeHours}</strong>}
          {hours.map((each) => (
            <Switch
              key={each.key}
              color="red"
              label={each.name || each.key}
              checked={each.closed}
              onChange={(event) => void supervision.closeHours(each.key, event.currentTarget.checked)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
