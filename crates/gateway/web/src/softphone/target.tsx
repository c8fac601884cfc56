// To whom a call or a question goes: an agent, a queue or a number outside.
import { Button, Group, Modal, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useState } from "react";
import { useSession } from "../context";
import { useCentre } from "../parts/names";
import { t } from "../strings";
import { w } from "./words";

export type Kind = "agent" | "queue" | "number";
export type Target = { target: { case: "agentId" | "queue" | "number"; value: string } };
/** Something that can be done with whom was chosen. */
export interface Deed {
  name: string;
  kinds: Kind[];
  icon?: ReactNode;
  run: (target: Target) => Promise<boolean>;
}

export function TargetDialog(props: { opened: boolean; title: string; kinds: Kind[]; deeds: Deed[]; busy: boolean; onClose: () => void }) {
  const { opened, title, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ "aria-label": t.shortcuts.close }}>
      {opened && <Choice {...props} />}
    </Modal>
  );
}

function Choice({ kinds, deeds, busy, onClose }: { kinds: Kind[]; deeds: Deed[]; busy: boolean; onClose: () => void }) {
  const { user } = useSession();
  const { data: centre } = useCentre();
  const [kind, setKind] = useState<Kind>("agent");
  const [value, setValue] = useState("");
  const choices =
    kind === "agent"
      ? (centre?.agents ?? []).filter((agent) => agent.key !== user).map((agent) => ({ value: agent.key, label: agent.name || agent.key }))
      : (centre?.queues ?? []).map((queue) => ({ value: queue.key, label: queue.name || queue.key }));
  const target: Target = { target: { case: kind === "agent" ? "agentId" : kind, value: value.trim() } };
  const possible = deeds.filter((deed) => deed.kinds.includes(kind));
  const run = async (deed: Deed | undefined) => {
    if (deed && value.trim() !== "" && !busy && (await deed.run(target))) onClose();
  };
  return (
    <form
      data-testid="target"
      onSubmit={(event) => {
        event.preventDefault();
        void run(possible[0]);
      }}
    >
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          aria-label={w.toWhom}
          value={kind}
          onChange={(next) => {
            setKind(next as Kind);
            setValue("");
          }}
          data={kinds.map((each) => ({ value: each, label: w.kinds[each] }))}
        />
        {kind === "number" ? (
          <TextInput key="number" data-autofocus label={w.kinds.number} placeholder={w.numberExample} inputMode="tel" maxLength={32} value={value} onChange={(event) => setValue(event.currentTarget.value)} />
        ) : (
          <Select key={kind} data-autofocus searchable label={w.kinds[kind]} data={choices} value={value || null} onChange={(next) => setValue(next ?? "")} nothingFoundMessage={t.supervise.nobody} />
        )}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" size="sm" onClick={onClose}>
            {t.supervise.cancel}
          </Button>
          {possible.map((deed, place) => (
            <Button
              key={deed.name}
              size="sm"
              type={place === 0 ? "submit" : "button"}
              variant={place === 0 ? "filled" : "default"}
              disabled={busy || value.trim() === ""}
              leftSection={deed.icon}
              onClick={place === 0 ? undefined : () => void run(deed)}
            >
              {deed.name}
            </Button>
          ))}
        </Group>
      </Stack>
    </form>
  );
}
