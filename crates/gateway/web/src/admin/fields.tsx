// Fields bound to a form: label, help, and what is wrong, the same everywhere.
import { ActionIcon, Button, MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput, Textarea } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { ReactNode } from "react";
import { useState } from "react";
import { formatSpan, parseSpan } from "../lib/span";
import { t } from "../strings";
import styles from "./admin.module.css";
import type { Form } from "./form";

export interface Choice {
  value: string;
  label: string;
}

export const choicesOf = (all: { key: string; name: string }[]): Choice[] => all.map((each) => ({ value: each.key, label: each.name || each.key }));

interface Bound<D, V> {
  form: Form<D>;
  path: string;
  label: string;
  hint?: string;
  get: (draft: D) => V;
  set: (draft: D, value: V) => void;
}

export function Text<D>({ form, path, label, hint, get, set, mono = false, long = false, placeholder, required }: Bound<D, string> & { mono?: boolean; long?: boolean; placeholder?: string; required?: boolean }) {
  const props = {
    label,
    description: hint,
    placeholder,
    required,
    readOnly: form.readOnly,
    withAsterisk: required,
    value: get(form.draft),
    error: form.error(path),
    classNames: mono ? { input: styles.mono ?? "" } : undefined,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      form.change((draft) => set(draft, value));
    },
  };
  return long ? <Textarea autosize minRows={2} {...props} /> : <TextInput {...props} />;
}

/** The key: chosen once, then fixed, since others name it; from then on it stands beside the name of the page. */
export function KeyField<D>({ form, path, get, set, hint }: Omit<Bound<D, string>, "label">) {
  if (!form.isNew) return null;
  return (
    <TextInput
      label={t.admin.key}
      description={hint ?? t.admin.keyHint}
      withAsterisk
      classNames={{ input: styles.mono ?? "" }}
      value={get(form.draft)}
      error={form.error(path)}
      onChange={(event) => {
        const { value } = event.currentTarget;
        form.change((draft) => set(draft, value.trim()));
      }}
    />
  );
}

export function Whole<D>({ form, path, label, hint, get, set, min, max, step = 1, decimals = 0 }: Bound<D, number> & { min?: number; max?: number; step?: number; decimals?: number }) {
  return (
    <NumberInput
      size="sm"
      label={label}
      description={hint}
      readOnly={form.readOnly}
      min={min}
      max={max}
      step={step}
      decimalScale={decimals}
      clampBehavior="none"
      value={get(form.draft)}
      error={form.error(path)}
      onChange={(value) => form.change((draft) => set(draft, Number(value) || 0))}
    />
  );
}

/** `20s`, `1m30s`; what is typed stays as it is typed. */
export function Span<D>({ form, path, label, hint, get, set, placeholder }: Bound<D, Duration | undefined> & { placeholder?: string }) {
  const [text, setText] = useState(() => formatSpan(get(form.draft)));
  return (
    <TextInput
      label={label}
      description={hint}
      placeholder={placeholder}
      readOnly={form.readOnly}
      value={text}
      error={form.error(path)}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setText(value);
        const span = parseSpan(value);
        form.typed(path, span === "wrong" ? t.admin.notSpan : undefined);
        if (span !== "wrong") form.change((draft) => set(draft, span));
      }}
    />
  );
}

export function Pick<D>({ form, path, label, hint, get, set, choices, clearable = false, placeholder }: Bound<D, string> & { choices: Choice[]; clearable?: boolean; placeholder?: string }) {
  const value = get(form.draft);
  // What is chosen but gone is still shown, with its mistake.
  const data = value !== "" && !choices.some((choice) => choice.value === value) ? [...choices, { value, label: value }] : choices;
  return (
    <Select
      size="sm"
      label={label}
      description={hint}
      placeholder={placeholder}
      readOnly={form.readOnly}
      data={data}
      searchable={choices.length > 8}
      clearable={clearable}
      clearButtonProps={{ "aria-label": t.admin.clear(label) }}
      comboboxProps={{ shadow: "md" }}
      value={value === "" ? null : value}
      error={form.error(path)}
      onChange={(chosen) => form.change((draft) => set(draft, chosen ?? ""))}
    />
  );
}

export function PickMany<D>({ form, path, label, hint, get, set, choices, placeholder }: Bound<D, string[]> & { choices: Choice[]; placeholder?: string }) {
  const value = get(form.draft);
  const gone = value.filter((each) => !choices.some((choice) => choice.value === each)).map((each) => ({ value: each, label: each }));
  return (
    <MultiSelect
      size="sm"
      label={label}
      description={hint}
      placeholder={value.length === 0 ? placeholder : undefined}
      readOnly={form.readOnly}
      data={[...choices, ...gone]}
      comboboxProps={{ shadow: "md" }}
      value={value}
      error={form.error(path) ?? value.map((_, place) => form.error(`${path}[${place}]`)).find(Boolean)}
      onChange={(chosen) => form.change((draft) => set(draft, chosen))}
    />
  );
}

export function Words<D>({ form, path, label, hint, get, set, placeholder }: Bound<D, string[]> & { placeholder?: string }) {
  const value = get(form.draft);
  return (
    <TagsInput
      size="sm"
      label={label}
      description={hint}
      placeholder={value.length === 0 ? placeholder : undefined}
      readOnly={form.readOnly}
      value={value}
      acceptValueOnBlur
      error={form.error(path) ?? value.map((_, place) => form.error(`${path}[${place}]`)).find(Boolean)}
      onChange={(words) => form.change((draft) => set(draft, words))}
    />
  );
}

export function Toggle<D>({ form, path, label, hint, get, set, color }: Bound<D, boolean> & { color?: string }) {
  return (
    <Switch
      label={label}
      description={hint}
      color={color}
      disabled={form.readOnly}
      checked={get(form.draft)}
      error={form.error(path)}
      onChange={(event) => {
        const { checked } = event.currentTarget;
        form.change((draft) => set(draft, checked));
      }}
    />
  );
}

/** A part of the form under a heading of its own. */
export function Part({ title, hint, children, wide = false }: { title: string; hint?: string; children: ReactNode; wide?: boolean }) {
  return (
    <section className={styles.part} aria-label={title}>
      <div className={styles.partHead}>
        <h2>{title}</h2>
        {hint && <p className="sb-quiet">{hint}</p>}
      </div>
      <div className={wide ? styles.wide : styles.fields}>{children}</div>
    </section>
  );
}

/** Rows that are added and taken away. */
export function Rows<T>({ rows, add, addLabel, remove, removeLabel, readOnly, children }: { rows: T[]; add: () => void; addLabel: string; remove: (place: number) => void; removeLabel: (place: number) => string; readOnly: boolean; children: (row: T, place: number) => ReactNode }) {
  return (
    <div className={styles.rows}>
      {rows.map((row, place) => (
        <div key={place} className={styles.row}>
          <div className={styles.rowFields}>{children(row, place)}</div>
          {!readOnly && (
            <ActionIcon aria-label={removeLabel(place)} onClick={() => remove(place)} className={styles.rowRemove ?? ""}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {!readOnly && (
        <Button variant="default" size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
          {addLabel}
        </Button>
      )}
    </div>
  );
}
