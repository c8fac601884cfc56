// What an agent does with the sound of a call: mute, keys, and how good the line is.
import { Button, Popover, Tooltip } from "@mantine/core";
import { IconAntennaBars3, IconAntennaBars4, IconAntennaBars5, IconAntennaBarsOff, IconDialpad, IconMicrophone, IconMicrophoneOff } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { notifications } from "@mantine/notifications";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi, useDesk } from "../context";
import type { Item } from "../desk/model";
import type { Call } from "../gen/switchboard/voice/v1/service_pb";
import { useShortcuts } from "../lib/hooks";
import { usePhone, useSoftphone } from "./context";
import { useCallWish } from "./live-call";
import type { Quality } from "./quality";
import type { Sounding } from "./softphone";
import styles from "./softphone.module.css";
import { w } from "./words";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** Beside the call as long as it lasts: its sound here, or on whatever telephone the agent has. */
export function CallControls({ call, live }: { call: Item; live: Call | undefined }) {
  const phone = useSoftphone();
  const api = useApi();
  const desk = useDesk();
  const sounding = usePhone((state) => state.call);
  const on = usePhone((state) => state.on);
  const [keypad, setKeypad] = useState(false);
  const { busy, wish } = useCallWish(call.id);
  const mine = sounding?.id === call.id ? sounding : undefined;
  const muted = mine ? mine.muted : (live?.muted ?? false);
  // Without the sound here, the centre does it.
  const elsewhere = !mine && live !== undefined;

  const mute = useMemo(
    () => () => {
      if (mine) phone.setMuted(!mine.muted);
      else void wish((about) => api.voice.mute({ ...about, muted: !muted }, ask));
    },
    [mine, phone, wish, api, muted],
  );
  useShortcuts(
    useMemo(
      () =>
        mine || elsewhere
          ? [
              { key: "u", alt: true, run: mute },
              { key: "k", alt: true, run: () => setKeypad((open) => !open) },
              { key: "h", alt: true, run: () => void desk.hangUp(call.id).catch(() => undefined) },
            ]
          : [],
      [mine, elsewhere, mute, desk, call.id],
    ),
  );

  const press = (digits: string) => {
    if (mine) return phone.press(digits);
    void wish((about) => api.voice.sendDigits({ ...about, digits }, ask));
    return true;
  };
  return (
    <>
      {mine ? <LineQuality phase={mine.phase} measured={mine.measured} /> : on && <TakeHere id={call.id} />}
      {(mine || elsewhere) && (
        <>
          <Button
            variant={muted ? "filled" : "default"}
            aria-pressed={muted}
            disabled={busy && elsewhere}
            leftSection={muted ? <IconMicrophoneOff size={16} aria-hidden /> : <IconMicrophone size={16} aria-hidden />}
            onClick={mute}
          >
            {muted ? w.unmute : w.mute}
          </Button>
          <Popover opened={keypad} onChange={setKeypad} position="bottom-end" shadow="md" trapFocus returnFocus>
            <Popover.Target>
              <Button variant="default" aria-expanded={keypad} leftSection={<IconDialpad size={16} aria-hidden />} onClick={() => setKeypad(!keypad)}>
                {w.keypad}
              </Button>
            </Popover.Target>
            <Popover.Dropdown aria-label={w.keypad}>{keypad && <Keypad onPress={press} />}</Popover.Dropdown>
          </Popover>
        </>
      )}
    </>
  );
}

/** The sound is on another device of the agent. */
function TakeHere({ id }: { id: string }) {
  const phone = useSoftphone();
  const [busy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    try {
      await phone.answer(id);
    } catch (error) {
      notifications.show({ color: "red", message: error instanceof Error && error.name !== "ConnectError" ? error.message : sayError(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Tooltip label={w.elsewhere}>
      <Button variant="default" loading={busy} onClick={() => void take()}>
        {w.takeHere}
      </Button>
    </Tooltip>
  );
}

function Keypad({ onPress }: { onPress: (digit: string) => boolean }) {
  const [typed, setTyped] = useState("");
  const pressed = useRef(onPress);
  useEffect(() => {
    pressed.current = onPress;
  });
  const press = (digit: string) => {
    if (pressed.current(digit)) setTyped((before) => (before + digit).slice(-18));
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !KEYS.includes(event.key)) return;
      event.preventDefault();
      press(event.key);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div data-testid="keypad">
      <p className={styles.typed} role="status" aria-label={w.typed}>
        {typed}
      </p>
      <div className={styles.keys}>
        {KEYS.map((digit) => (
          <Button key={digit} variant="default" px={0} aria-label={w.key(digit)} onClick={() => press(digit)}>
            {digit}
          </Button>
        ))}
      </div>
    </div>
  );
}

const looks: Record<Quality, { icon: typeof IconAntennaBars5; colour: string }> = {
  good: { icon: IconAntennaBars5, colour: "var(--sb-good)" },
  fair: { icon: IconAntennaBars4, colour: "var(--sb-warn)" },
  poor: { icon: IconAntennaBars3, colour: "var(--sb-bad)" },
  unknown: { icon: IconAntennaBarsOff, colour: "var(--mantine-color-dimmed)" },
};

function LineQuality({ phase, measured }: Pick<Sounding, "phase" | "measured">) {
  const quality = phase === "on" ? (measured?.quality ?? "unknown") : "unknown";
  const { icon: Bars, colour } = looks[quality];
  const text = phase === "on" ? w.quality[quality] : phase === "lost" ? w.lost : w.connecting;
  const detail = measured && phase === "on" ? w.qualityDetail(w.millis(measured.roundTripMs), w.percent(measured.loss), w.millis(measured.jitterMs)) : text;
  return (
    <Tooltip label={detail}>
      <span className={styles.quality} style={{ color: colour }} tabIndex={0} data-testid="line-quality" data-quality={quality} data-phase={phase}>
        <Bars size={16} aria-hidden />
        {text}
      </span>
    </Tooltip>
  );
}
