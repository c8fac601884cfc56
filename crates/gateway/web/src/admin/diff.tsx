// What differs, line by line, as the directory says it.
import type { Change } from "../gen/switchboard/directory/v1/service_pb";
import { ChangeKind } from "../gen/switchboard/directory/v1/service_pb";
import type { Tone } from "../parts/bits";
import { Pill } from "../parts/bits";
import { t } from "../strings";
import styles from "./admin.module.css";

const tones: Record<ChangeKind, Tone> = {
  [ChangeKind.UNSPECIFIED]: "off",
  [ChangeKind.ADDED]: "good",
  [ChangeKind.CHANGED]: "accent",
  [ChangeKind.REMOVED]: "bad",
};

/** `offer_timeout: 20s → 15s; priority: 0 → 2` as its parts; a `; ` inside a value stays with it. */
export function partsOf(detail: string): { name: string; before?: string; after: string }[] {
  if (detail === "") return [];
  const parts: string[] = [];
  for (const piece of detail.split("; ")) {
    if (/^[a-z_]+: /.test(piece) || parts.length === 0) parts.push(piece);
    else parts[parts.length - 1] += `; ${piece}`;
  }
  return parts.map((part) => {
    const at = part.indexOf(": ");
    const [name, value] = at < 0 ? ["", part] : [part.slice(0, at), part.slice(at + 2)];
    const arrow = value.indexOf(" → ");
    return arrow < 0 ? { name, after: value } : { name, before: value.slice(0, arrow), after: value.slice(arrow + 3) };
  });
}

export function DiffList({ changes }: { changes: Change[] }) {
  if (changes.length === 0) return <p className="sb-quiet">{t.admin.nothingDiffers}</p>;
  return (
    <ul className={styles.diff} data-testid="diff">
      {changes.map((change) => (
        <li key={change.path}>
          <div className={styles.diffHead}>
            <Pill tone={tones[change.kind]}>{t.admin.changeKind[change.kind]}</Pill> <code>{change.path}</code>
          </div>
          <DiffDetail detail={change.detail} />
        </li>
      ))}
    </ul>
  );
}

export function DiffDetail({ detail }: { detail: string }) {
  const parts = partsOf(detail);
  if (parts.length === 0) return null;
  return (
    <dl>
      {parts.map((part) => (
        <div key={part.name} style={{ display: "contents" }}>
          <dt>{part.name.replaceAll("_", " ")}</dt>
          <dd>
            {part.before !== undefined && (
              <>
                <span className={styles.old}>{part.before}</span> <span aria-label={t.admin.becomes}>→</span>{" "}
              </>
            )}
            {part.after}
          </dd>
        </div>
      ))}
    </dl>
  );
}
