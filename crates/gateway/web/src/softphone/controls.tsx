// What an agent does with the sound of a call: mute, keys, and how good the line is.
import { Button, Popover, Tooltip } from "@mantine/core";
import { IconAntennaBars3, IconAntennaBars4, IconAntennaBars5, IconAntennaBarsOff, IconDialpad, IconMicrophone, IconMicrophoneOff } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { notifications } from "@mantine/notifications";
import { sayError } from "../api/errors";
import { useDesk } from "../context";
import type { Item } from "../desk/model";
import { useShortcuts } from "../lib/hooks";
import { usePhone, useSoftphone } from "./context";
import type { Quality } from "./quality";
import type { Sounding } from "./softphone";
import styles from "./softphone.module.css";
import { w } from "./words";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** Beside the call as long as it lasts. Shows nothing on a desk without a telephone. */
export function CallControls({ call }: { call: Item }) {
  const phone = useSoftphone();
  const desk = useDesk();
  const sounding = usePhone((state) => state.call);
  const on = usePhone((state) => state.on);
  const [keypad, setKeypad] = useState(false);
  const mine = sounding?.id === call.id ? sounding : undefined;

  useShortcuts(
    useMemo(
      () =>
        mine
          ? [
              { key: "u", alt: true, run: () => phone.setMuted(!mine.muted) },
              { key: "k", alt: true, run: () => setKeypad((open) => !open) },
              { key: "h", alt: true, run: () => void desk.hangUp(call.id).catch(() => undefined) },
            ]
          : [],
      [mine, phone, desk, call.id],
    ),
  );

  if (!mine) return on ? <TakeHere id={call.id} /> : null;
  return (
    <>
      <LineQuality phase={mine.phase} measured={mine.measured} />
      <Button
        variant={mine.muted ? "filled" : "default"}
        aria-pressed={mine.muted}
        leftSection={mine.muted ? <IconMicrophoneOff size={16} aria-hidden /> : <IconMicrophone size={16} aria-hidden />}
        onClick={() => phone.setMuted(!mine.muted)}
      >
        {mine.muted ? w.unmute : w.mute}
      </Button>
      <Popover opened={keypad} onChange={setKeypad} position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button variant="default" aria-expanded={keypad} leftSection={<IconDialpad size={16} aria-hidden />} onClick={() => setKeypad(!keypad)}>
            {w.keypad}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={w.keypad}>{keypad && <Keypad />}</Popover.Dropdown>
      </Popover>
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

function Keypad() {
  const phone = useSoftphone();
  const [typed, setTyped] = useState("");
  const press = (digit: string) => {
    if (phone.press(digit)) setTyped((before) => (before + digit).slice(-18));
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !KEYS.includes(event.key)) return;
      event.preventDefault();
      if (phone.press(event.key)) setTyped((before) => (before + event.key).slice(-18));
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [phone]);
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
