// The state of one editor: a draft of what is configured, checked by the directory while people type.
import { useEffect, useMemo, useRef, useState } from "react";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi } from "../context";
import type { Centre, Change, Violation } from "../gen/switchboard/directory/v1/service_pb";
import type { Edit } from "./data";

/** What kind of thing is edited; `D` is its draft. */
export interface Kind<D> {
  /** As paths name the list: `routing_profiles`. */
  list: string;
  blank: () => D;
  read: (centre: Centre, key: string) => D | undefined;
  copy: (draft: D) => D;
  same: (one: D, other: D) => boolean;
  key: (draft: D) => string;
  /** What makes the draft true, given what was there. */
  save: (draft: D, before: D | undefined, versions: Record<string, string>) => Edit[];
  /** What takes it away. */
  remove: (before: D, versions: Record<string, string>) => Edit[];
}

export interface Form<D> {
  draft: D;
  isNew: boolean;
  readOnly: boolean;
  change: (mutate: (draft: D) => void) => void;
  /** What is wrong with a field, by its path below the thing: `queues.rings[0].expression`. */
  error: (path: string) => string | undefined;
  /** What is wrong with what was typed, before it is even a value; nothing: it is one. */
  typed: (path: string, reason: string | undefined) => void;
}

export interface Checked {
  /** Nothing until the first answer. */
  state: "unchanged" | "checking" | "checked" | "failed";
  changes: Change[];
  violations: Violation[];
  failure: string;
}

const PAUSE_MS = 300;
const UNCHANGED: Checked = { state: "unchanged", changes: [], violations: [], failure: "" };

/** Takes the key out of a path of the thing itself: `queues[billing].name` → `queues.name`. */
export function localPath(field: string, key: string): string {
  const found = /^(\w+)\[([^\]]*)\]\.?(.*)$/.exec(field);
  if (!found) return field;
  const [, list = "", named = "", rest = ""] = found;
  const own = named === key || (key === "" && /^\d+$/.test(named));
  return own ? `${list}.${rest}` : field;
}

export function useForm<D>(kind: Kind<D>, before: D | undefined, versions: Record<string, string>, flows: string[], readOnly: boolean) {
  const api = useApi();
  const [draft, setDraft] = useState<D>(() => (before ? kind.copy(before) : kind.blank()));
  const [blank] = useState<D>(() => kind.blank());
  const [answer, setAnswer] = useState<Checked & { to?: D }>(UNCHANGED);
  const [typos, setTypos] = useState<Record<string, string>>({});
  const turn = useRef(0);
  const dirty = !kind.same(draft, before ?? blank);
  const known = flows.join("\n");

  useEffect(() => {
    const mine = ++turn.current;
    if (!dirty) return;
    const timer = setTimeout(() => {
      api.administration
        .edit({ edits: kind.save(draft, before, versions), dryRun: true, knownFlows: known === "" ? [] : known.split("\n") }, ask)
        .then(({ changes, violations }) => {
          if (turn.current === mine) setAnswer({ state: "checked", changes, violations, failure: "", to: draft });
        })
        .catch((error: unknown) => {
          if (turn.current === mine) setAnswer({ state: "failed", changes: [], violations: [], failure: sayError(error), to: draft });
        });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [api, before, dirty, draft, kind, known, versions]);

  // What was found stays until there is a newer answer.
  const checked: Checked = useMemo(() => (!dirty ? UNCHANGED : answer.to === draft ? answer : { ...answer, state: "checking" }), [answer, dirty, draft]);

  const form = useMemo<Form<D>>(() => {
    const wrong = new Map<string, string>();
    for (const violation of checked.violations) {
      const path = localPath(violation.field, kind.key(draft));
      if (!wrong.has(path)) wrong.set(path, violation.reason);
    }
    return {
      draft,
      isNew: before === undefined,
      readOnly,
      change: (mutate) =>
        setDraft((now) => {
          const next = kind.copy(now);
          mutate(next);
          return next;
        }),
      error: (path) => typos[path] ?? wrong.get(path),
      typed: (path, reason) =>
        setTypos((now) => {
          if (now[path] === reason) return now;
          const next = Object.fromEntries(Object.entries(now).filter(([each]) => each !== path));
          return reason === undefined ? next : { ...next, [path]: reason };
        }),
    };
  }, [before, checked.violations, draft, kind, readOnly, typos]);

  return { form, checked, dirty: dirty || Object.keys(typos).length > 0, typos };
}
