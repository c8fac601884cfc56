// The paperwork, below the conversation and never over it. What is filled in is kept until it is saved.
import { Button, Chip, Select, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { sayError } from "../api/errors";
import { useDesk, useDeskState } from "../context";
import type { Item } from "../desk/model";
import { useNow } from "../lib/hooks";
import { clock } from "../lib/time";
import { t } from "../strings";
import styles from "./conversation.module.css";
import { ExtendWrapUp } from "./hand-over";
import { useNames } from "./names";

const MOST_BUTTONS = 8;

export function WrapUp({ item }: { item: Item }) {
  const desk = useDesk();
  const names = useNames();
  const skew = useDeskState((state) => state.skew);
  const now = useNow() + skew;
  const [form, setForm] = useState(() => desk.kept.form(item.id));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const codes = names.queueOf(item.queue)?.dispositions ?? [];

  const change = (next: Partial<typeof form>) => {
    const changed = { ...form, ...next };
    setForm(changed);
    setError("");
    desk.kept.keepForm(item.id, changed);
  };
  const complete = async () => {
    if (codes.length > 0 && form.disposition === "") {
      setError(t.wrapUp.choose);
      document.querySelector<HTMLElement>("[data-finish]")?.focus();
      return;
    }
    setBusy(true);
    try {
      await desk.wrapUp(item.id, form.disposition.trim(), form.note.trim());
    } catch (failure) {
      notifications.show({ color: "red", message: sayError(failure) });
      setBusy(false);
    }
  };

  return (
    <form
      className={styles.wrapUp}
      aria-label={t.wrapUp.title}
      data-testid="wrap-up"
      onSubmit={(event) => {
        event.preventDefault();
        void complete();
      }}
    >
      <div className={styles.wrapUpHead}>
        <strong style={{ fontWeight: 600 }}>{t.wrapUp.title}</strong>
        {item.wrapUpUntil !== undefined && (
          <>
            <span className="sb-quiet sb-number">{t.wrapUp.left(clock(item.wrapUpUntil - now))}</span>
            <ExtendWrapUp item={item} />
          </>
        )}
        {error !== "" && (
          <span className="sb-error" role="alert">
            {error}
          </span>
        )}
      </div>
      <Disposition codes={codes} value={form.disposition} wrong={error !== ""} onChange={(disposition) => change({ disposition })} />
      <Textarea
        autosize
        minRows={1}
        maxRows={5}
        label={t.wrapUp.note}
        placeholder={t.wrapUp.notePlaceholder}
        maxLength={4000}
        value={form.note}
        onChange={(event) => change({ note: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void complete();
        }}
      />
      <Button type="submit" size="sm" loading={busy}>
        {t.wrapUp.done}
      </Button>
    </form>
  );
}

/** A few codes are buttons, many are a list to search, none is free text. */
function Disposition(props: { codes: string[]; value: string; wrong: boolean; onChange: (value: string) => void }) {
  const { codes, value, wrong, onChange } = props;
  if (codes.length === 0)
    return (
      <TextInput
        className={styles.wrapUpCode}
        data-finish
        label={t.wrapUp.disposition}
        placeholder={t.wrapUp.dispositionPick}
        maxLength={200}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  if (codes.length > MOST_BUTTONS)
    return (
      <Select
        className={styles.wrapUpCode}
        data-finish
        label={t.wrapUp.disposition}
        placeholder={t.wrapUp.dispositionPick}
        data={codes}
        value={value || null}
        error={wrong}
        comboboxProps={{ shadow: "md", position: "top" }}
        onChange={(picked) => onChange(picked ?? "")}
        searchable
      />
    );
  return (
    <div className={styles.codes} role="radiogroup" aria-label={t.wrapUp.disposition} aria-invalid={wrong}>
      <Chip.Group value={value || null} onChange={(picked) => onChange(picked ?? "")}>
        {codes.map((code, index) => (
          <Chip key={code} value={code} size="xs" variant="light" data-finish={index === 0 || undefined}>
            {code}
          </Chip>
        ))}
      </Chip.Group>
    </div>
  );
}
