// Where an interaction goes, chosen by keyboard: the same as dragging it.
import { Button, Checkbox, Group, Modal, SegmentedControl, Select, Stack } from "@mantine/core";
import { useState } from "react";
import type { Interaction } from "../gen/switchboard/crm/v1/types_pb";
import { useCentre } from "../parts/names";
import { t } from "../strings";
import { isWaiting, useSupervision } from "./context";

export function MoveDialog() {
  const { moving, move } = useSupervision();
  return (
    <Modal opened={moving !== undefined} onClose={() => move(undefined)} title={moving && t.supervise.moveTitle(moving.customerName || t.unknownCustomer)} centered closeButtonProps={{ "aria-label": t.shortcuts.close }}>
      {moving && <Choice key={moving.interactionId} moving={moving} />}
    </Modal>
  );
}

function Choice({ moving }: { moving: Interaction }) {
  const supervision = useSupervision();
  const centre = useCentre();
  const [target, setTarget] = useState<"queue" | "agent">("queue");
  const [queue, setQueue] = useState<string | null>(null);
  const [agent, setAgent] = useState<string | null>(null);
  const [keep, setKeep] = useState(true);
  const [ring, setRing] = useState(true);
  const [busy, setBusy] = useState(false);
  const waiting = isWaiting(moving);
  const named = (all: { key: string; name: string }[] | undefined) => (all ?? []).map((each) => ({ value: each.key, label: each.name || each.key }));
  const ready = target === "queue" ? queue !== null : agent !== null;
  const go = async () => {
    setBusy(true);
    const done = target === "queue" ? await supervision.toQueue(moving, queue ?? "", keep) : await supervision.toAgent(moving, agent ?? "", ring);
    setBusy(false);
    if (done) supervision.move(undefined);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void go();
      }}
    >
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          aria-label={t.supervise.moveTo}
          value={target}
          onChange={(value) => setTarget(value as "queue" | "agent")}
          data={[
            { value: "queue", label: t.interactions.queue },
            { value: "agent", label: t.interactions.agent },
          ]}
        />
        {target === "queue" ? (
          <>
            <Select data-autofocus searchable label={t.interactions.queue} data={named(centre.data?.queues)} value={queue} onChange={setQueue} nothingFoundMessage={t.supervise.nobody} />
            <Checkbox label={t.supervise.keepPlace} checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
          </>
        ) : (
          <>
            <Select data-autofocus searchable label={t.interactions.agent} data={named(centre.data?.agents)} value={agent} onChange={setAgent} nothingFoundMessage={t.supervise.nobody} />
            {waiting && <Checkbox label={t.supervise.ringFirst} checked={ring} onChange={(event) => setRing(event.currentTarget.checked)} />}
          </>
        )}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" size="sm" onClick={() => supervision.move(undefined)}>
            {t.supervise.cancel}
          </Button>
          <Button type="submit" size="sm" disabled={!ready} loading={busy}>
            {t.supervise.doMove}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
