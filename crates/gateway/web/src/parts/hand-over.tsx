// What an agent does with a conversation besides talking: give it to somebody else, put it aside, take it up again.
import { Button, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowsExchange, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { sayError } from "../api/errors";
import { useDesk, useSession } from "../context";
import type { Item } from "../desk/model";
import { clock } from "../lib/time";
import { useNow } from "../lib/hooks";
import { t } from "../strings";
import { Destination } from "./destination";
import { useNames } from "./names";
import styles from "./conversation.module.css";

/** Runs a wish; what the centre says against it is shown. */
function useWish(): [boolean, (wish: () => Promise<void>) => Promise<boolean>] {
  const [busy, setBusy] = useState(false);
  return [
    busy,
    async (wish) => {
      setBusy(true);
      try {
        await wish();
        return true;
      } catch (error) {
        notifications.show({ color: "red", message: sayError(error) });
        return false;
      } finally {
        setBusy(false);
      }
    },
  ];
}

export function Transfer({ item }: { item: Item }) {
  const desk = useDesk();
  const names = useNames();
  const { user } = useSession();
  const [open, setOpen] = useState(false);
  const [, wish] = useWish();
  const who = item.label || t.unknownCustomer;
  return (
    <>
      <Button variant="default" leftSection={<IconArrowsExchange size={15} aria-hidden />} onClick={() => setOpen(true)} data-testid="transfer">
        {t.handOver.transfer}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t.handOver.transferTitle(who)} centered closeButtonProps={{ "aria-label": t.shortcuts.close }}>
        <Destination
          without={user}
          onCancel={() => setOpen(false)}
          onGo={async (target) => {
            const done = await wish(() => desk.transfer(item.id, target));
            if (done) notifications.show({ color: "teal", message: target.queue !== undefined ? t.supervise.movedToQueue(who, names.queue(target.queue)) : t.supervise.movedToAgent(who, names.agent(target.agentId)) });
            return done;
          }}
        />
      </Modal>
    </>
  );
}

export function Park({ item }: { item: Item }) {
  const desk = useDesk();
  const [busy, wish] = useWish();
  return (
    <Button variant="default" loading={busy} leftSection={<IconPlayerPause size={15} aria-hidden />} title={t.handOver.parkHint} onClick={() => void wish(() => desk.park(item.id))} data-testid="park">
      {t.handOver.park}
    </Button>
  );
}

/** In the place of the composer while it is parked. */
export function Parked({ item }: { item: Item }) {
  const desk = useDesk();
  const now = useNow();
  const [busy, wish] = useWish();
  return (
    <div className={styles.parked} role="group" aria-label={t.handOver.parked}>
      <span>
        {t.handOver.parkedText}
        {item.parkedAt !== undefined && <span className="sb-quiet sb-number"> {clock(now - item.parkedAt)}</span>}
      </span>
      <Button size="sm" loading={busy} leftSection={<IconPlayerPlay size={15} aria-hidden />} onClick={() => void wish(() => desk.unpark(item.id))} data-testid="unpark">
        {t.handOver.unpark}
      </Button>
    </div>
  );
}

const EXTENSION_MS = 60_000;

export function ExtendWrapUp({ item }: { item: Item }) {
  const desk = useDesk();
  const [busy, wish] = useWish();
  return (
    <Button variant="subtle" size="compact-sm" loading={busy} onClick={() => void wish(() => desk.extendWrapUp(item.id, EXTENSION_MS))} data-testid="extend">
      {t.handOver.extend}
    </Button>
  );
}
