// Calling a number, on behalf of a queue whose rules the call goes by; or a colleague, by name or extension.
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
import { AudioProblem } from "./audio";
import type { Colleague } from "./colleagues";
import { ColleagueList, meant, theOne, useColleagues } from "./colleagues";
import { usePhone, useSoftphone } from "./context";
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
  const speaking = usePhone((state) => state.call !== undefined);
  const [busy, setBusy] = useState(false);
  const colleagues = useColleagues();
  const softphone = useSoftphone();
  const [chosen, setChosen] = useState(() => localStorage.getItem(QUEUE_KEY) ?? "");

  const profile = centre?.agents.find((agent) => agent.key === user)?.routingProfile;
  const served = new Set(centre?.routingProfiles.find((each) => each.key === profile)?.queues.map((each) => each.queue));
  const queues = (centre?.queues ?? []).filter((queue) => served.has(queue.key));
  const queue = queues.find((each) => each.key === chosen) ?? queues[0];
  const colleague = label === "" ? theOne(colleagues, number) : undefined;
  const busyNow = inCall || speaking;
  const hindrance = busyNow ? w.dial.busy : colleague ? undefined : !queue ? w.dial.noQueue : !available ? w.dial.away : undefined;

  const callColleague = async ({ key }: Colleague) => {
    setBusy(true);
    try {
      const { interactionId } = await api.voice.callColleague({ colleague: key, requestId: newId() }, ask);
      dialling.close();
      if (here) await softphone.answerAsGuest(interactionId);
    } catch (error) {
      notifications.show({ color: "red", message: error instanceof AudioProblem ? error.message : sayError(error) });
    } finally {
      setBusy(false);
    }
  };

  const call = async () => {
    if (hindrance || number.trim() === "") return;
    if (colleague) return callColleague(colleague);
    if (!queue) return;
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
        maxLength={64}
        value={number}
        onChange={(event) => dialling.write(event.currentTarget.value)}
      />
      {queues.length > 1 && !colleague && (
        <NativeSelect
          label={w.dial.queue}
          description={w.dial.queueHint}
          data={queues.map((each) => ({ value: each.key, label: each.name || each.key }))}
          value={queue?.key ?? ""}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      )}
      {hindrance && number.trim() !== "" && (
        <p className={styles.problem} role="alert">
          {hindrance}
        </p>
      )}
      <Button type="submit" loading={busy} disabled={hindrance !== undefined || number.trim() === ""} leftSection={<IconPhoneOutgoing size={16} aria-hidden />} rightSection={<Kbd size="xs">↵</Kbd>}>
        {colleague ? w.dial.callNumber(colleague.name) : w.dial.call}
      </Button>
      {label === "" && <ColleagueList colleagues={meant(colleagues, number)} disabled={busy || busyNow} onCall={(each) => void callColleague(each)} />}
      {!here && !hindrance && <p className={styles.hint}>{w.dial.ringsYou}</p>}
    </form>
  );
}
