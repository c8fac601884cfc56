// Calling a number: on behalf of a queue, whose rules the call goes by.
import { Button, Kbd, NativeSelect, Popover, TextInput, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPhoneOutgoing, IconPhonePlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi, useDeskState, useSession } from "../context";
import { isLive, isRinging, isText } from "../desk/model";
import { AgentStatus } from "../gen/switchboard/router/v1/types_pb";
import { newId } from "../lib/id";
import { useShortcuts } from "../lib/hooks";
import { useCentre } from "../parts/names";
import shell from "../parts/shell.module.css";
import { usePhone } from "./context";
import { dialling, useDialling } from "./dialling";
import styles from "./softphone.module.css";
import { w } from "./words";

const QUEUE_KEY = "switchboard.dial.queue";

/** In the top bar. */
export function DialButton() {
  const opened = useDialling((state) => state.opened);
  useShortcuts(useMemo(() => [{ key: "c", alt: true, run: () => dialling.open() }], []));
  return (
    <Popover opened={opened} onChange={(wish) => (wish ? dialling.open() : dialling.close())} position="bottom-end" shadow="md" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Tooltip label={w.dial.open} disabled={opened}>
          <button
            type="button"
            className={shell.line}
            aria-label={w.dial.open}
            aria-expanded={opened}
            data-testid="dial"
            style={{ background: "none", border: 0, cursor: "pointer" }}
            onClick={() => (opened ? dialling.close() : dialling.open())}
          >
            <IconPhonePlus size={18} stroke={1.7} aria-hidden />
          </button>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={w.dial.title}>{opened && <DialForm />}</Popover.Dropdown>
    </Popover>
  );
}

function DialForm() {
  const api = useApi();
  const { user } = useSession();
  const { data: centre } = useCentre();
  const number = useDialling((state) => state.number);
  const label = useDialling((state) => state.label);
  const available = useDeskState((state) => state.agent?.status === AgentStatus.AVAILABLE);
  const inCall = useDeskState((state) => Object.values(state.items).some((item) => !isText(item.channel) && (isLive(item) || isRinging(item))));
  const here = usePhone((state) => state.on);
  const [busy, setBusy] = useState(false);
  const [chosen, setChosen] = useState(() => localStorage.getItem(QUEUE_KEY) ?? "");

  const profile = centre?.agents.find((agent) => agent.key === user)?.routingProfile;
  const served = new Set(centre?.routingProfiles.find((each) => each.key === profile)?.queues.map((each) => each.queue));
  const queues = (centre?.queues ?? []).filter((queue) => served.has(queue.key));
  const queue = queues.find((each) => each.key === chosen) ?? queues[0];
  const hindrance = !queue ? w.dial.noQueue : !available ? w.dial.away : inCall ? w.dial.busy : undefined;

  const call = async () => {
    if (!queue || hindrance || number.trim() === "") return;
    setBusy(true);
    try {
      localStorage.setItem(QUEUE_KEY, queue.key);
      const { interactionId } = await api.voice.dial({ number: number.trim(), queue: queue.key, label, requestId: newId() }, ask);
      dialling.began(interactionId);
      dialling.close();
      if (!here) notifications.show({ color: "teal", message: w.dial.pickUp });
    } catch (error) {
      notifications.show({ color: "red", message: sayError(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={styles.settings}
      data-testid="dial-form"
      onSubmit={(event) => {
        event.preventDefault();
        void call();
      }}
    >
      <h2>{label === "" ? w.dial.title : w.dial.callNumber(label)}</h2>
      <TextInput
        data-autofocus
        label={w.dial.number}
        description={w.dial.numberHint}
        inputMode="tel"
        maxLength={32}
        value={number}
        onChange={(event) => dialling.write(event.currentTarget.value)}
      />
      {queues.length > 1 && (
        <NativeSelect
          label={w.dial.queue}
          description={w.dial.queueHint}
          data={queues.map((each) => ({ value: each.key, label: each.name || each.key }))}
          value={queue?.key ?? ""}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      )}
      {hindrance && (
        <p className={styles.problem} role="alert">
          {hindrance}
        </p>
      )}
      <Button type="submit" loading={busy} disabled={hindrance !== undefined || number.trim() === ""} leftSection={<IconPhoneOutgoing size={16} aria-hidden />} rightSection={<Kbd size="xs">↵</Kbd>}>
        {w.dial.call}
      </Button>
      {!here && !hindrance && <p className={styles.hint}>{w.dial.ringsYou}</p>}
    </form>
  );
}
