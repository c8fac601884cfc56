// Where an interaction may go: a queue or an agent, chosen by keyboard or mouse.
import { Button, Group, SegmentedControl, Select, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useState } from "react";
import { t } from "../strings";
import { useCentre } from "./names";

export type Target = { queue: string; agentId?: undefined } | { agentId: string; queue?: undefined };

export function Destination({ without, onGo, onCancel, more }: { without?: string; onGo: (target: Target) => Promise<boolean>; onCancel: () => void; more?: (kind: "queue" | "agent") => ReactNode }) {
  const centre = useCentre();
  const [kind, setKind] = useState<"queue" | "agent">("queue");
  const [queue, setQueue] = useState<string | null>(null);
  const [agent, setAgent] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const named = (all: { key: string; name: string }[] | undefined) =>
    (all ?? []).filter((each) => each.key !== without).map((each) => ({ value: each.key, label: each.name || each.key }));
  const target: Target | undefined = kind === "queue" ? (queue === null ? undefined : { queue }) : agent === null ? undefined : { agentId: agent };
  const go = async () => {
    if (!target) return;
    setBusy(true);
    const done = await onGo(target);
    setBusy(false);
    if (done) onCancel();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          aria-label={t.supervise.moveTo}
          value={kind}
          onChange={(value) => setKind(value as "queue" | "agent")}
          data={[
            { value: "queue", label: t.interactions.queue },
            { value: "agent", label: t.interactions.agent },
          ]}
        />
        {kind === "queue" ? (
          <Select data-autofocus searchable label={t.interactions.queue} data={named(centre.data?.queues)} value={queue} onChange={setQueue} nothingFoundMessage={t.supervise.nobody} />
        ) : (
          <Select data-autofocus searchable label={t.interactions.agent} data={named(centre.data?.agents)} value={agent} onChange={setAgent} nothingFoundMessage={t.supervise.nobody} />
        )}
        {more?.(kind)}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" size="sm" onClick={onCancel}>
            {t.supervise.cancel}
          </Button>
          <Button type="submit" size="sm" disabled={!target} loading={busy}>
            {t.supervise.doMove}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
