// Whether a call could reach this agent, and everything about the telephone in this browser: on or off, microphone,
// speaker, how loud one is, the echo test.
import { Button, NativeSelect, Popover, Switch, Tooltip } from "@mantine/core";
import { IconPhoneCheck, IconPhoneOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask } from "../api/clients";
import { useApi, useSession } from "../context";
import shell from "../parts/shell.module.css";
import type { Devices } from "./audio";
import { chosen, listDevices } from "./audio";
import { usePhone, useSoftphone } from "./context";
import styles from "./softphone.module.css";
import { w } from "./words";

const PHONES_EVERY_MS = 20_000;
/** Contacts of browsers in the list of phones begin with this. */
const BROWSER = "web:";

export function PhoneMenu() {
  const api = useApi();
  const { user } = useSession();
  const queries = useQueryClient();
  const on = usePhone((state) => state.on);
  const registered = usePhone((state) => state.registered);
  const [opened, setOpened] = useState(false);
  const phones = useQuery({
    queryKey: ["phones", user],
    queryFn: () => api.voice.listRegistrations({ agentId: user }, ask),
    refetchInterval: PHONES_EVERY_MS,
    retry: false,
  });
  useEffect(() => void queries.invalidateQueries({ queryKey: ["phones", user] }), [registered, queries, user]);

  const others = (phones.data?.registrations ?? []).filter((phone) => !phone.contact.startsWith(BROWSER) || !on);
  const first = others[0];
  const here = on && registered;
  const ready = here || first !== undefined;
  const text = here ? w.ready : first ? w.readyOn(first.userAgent || first.contact) : w.none;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Tooltip label={text} multiline maw={280} disabled={opened}>
          <button
            type="button"
            className={shell.line}
            aria-label={`${w.open}. ${text}`}
            aria-expanded={opened}
            data-testid="phone"
            data-ready={ready}
            style={{ color: ready ? "var(--sb-good)" : "var(--sb-warn)", background: "none", border: 0, cursor: "pointer" }}
            onClick={() => setOpened(!opened)}
          >
            {ready ? <IconPhoneCheck size={18} stroke={1.7} aria-hidden /> : <IconPhoneOff size={18} stroke={1.7} aria-hidden />}
          </button>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={w.title}>
        {opened && <Settings others={others.map((phone) => phone.userAgent || phone.contact)} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Settings({ others }: { others: string[] }) {
  const phone = useSoftphone();
  const on = usePhone((state) => state.on);
  const problem = usePhone((state) => state.problem);
  const test = usePhone((state) => state.test);
  const [busy, setBusy] = useState(false);
  const [devices, setDevices] = useState<Devices>({ microphones: [], speakers: [] });
  const [microphone, setMicrophone] = useState(chosen.microphone);
  const [speaker, setSpeaker] = useState(chosen.speaker);

  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    const look = () => void listDevices().then(setDevices);
    look();
    media?.addEventListener("devicechange", look);
    return () => media?.removeEventListener("devicechange", look);
  }, [on]);
  // The settings are closed: no microphone is open without need.
  useEffect(
    () => () => {
      phone.stopTest();
      phone.unwatchLevel();
    },
    [phone],
  );

  // Never disabled: what is disabled loses the focus, and with it the keys.
  const turn = async (wanted: boolean) => {
    if (busy) return;
    setBusy(true);
    await (wanted ? phone.turnOn() : phone.turnOff());
    setBusy(false);
  };
  const options = (list: MediaDeviceInfo[]) => [
    { value: "", label: w.systemDefault },
    ...list.map((device, index) => ({ value: device.deviceId, label: device.label || w.unnamed(index + 1) })),
  ];
  return (
    <div className={styles.settings}>
      <h2>{w.title}</h2>
      <Switch checked={on} aria-busy={busy} label={w.here} description={w.hereHint} onChange={(event) => void turn(event.currentTarget.checked)} />
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      {on && (
        <>
          <NativeSelect
            label={w.microphone}
            data={options(devices.microphones)}
            value={microphone}
            onChange={(event) => {
              setMicrophone(event.currentTarget.value);
              void phone.chooseMicrophone(event.currentTarget.value);
            }}
          />
          <Level />
          {devices.speakers.length > 0 && (
            <NativeSelect
              label={w.speaker}
              data={options(devices.speakers)}
              value={speaker}
              onChange={(event) => {
                setSpeaker(event.currentTarget.value);
                void phone.chooseSpeaker(event.currentTarget.value);
              }}
            />
          )}
          <div className={styles.row}>
            {test ? (
              <Button variant="default" onClick={() => phone.stopTest()}>
                {w.stopTest}
              </Button>
            ) : (
              <Button variant="default" onClick={() => void phone.startTest()}>
                {w.test}
              </Button>
            )}
            <p className={styles.hint} role="status" data-testid="echo-test" data-state={test ?? "off"}>
              {test === "on" ? w.testing : test === "connecting" ? w.testConnecting : ""}
            </p>
          </div>
        </>
      )}
      <div>
        <p className={styles.hint}>{w.phones}</p>
        {others.length === 0 ? <p className={styles.hint}>{w.noPhones}</p> : others.map((name) => <div key={name}>{name}</div>)}
      </div>
    </div>
  );
}

/** The microphone's level, once somebody wants to see it. */
function Level() {
  const phone = useSoftphone();
  const level = usePhone((state) => state.level);
  if (level === undefined)
    return (
      <Button variant="default" onClick={() => void phone.watch()}>
        {w.microphoneTest}
      </Button>
    );
  const percent = Math.round(level * 100);
  return (
    <div className={styles.level} role="meter" aria-label={w.level} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} data-testid="level">
      <span style={{ transform: `scaleX(${level})` }} />
    </div>
  );
}
