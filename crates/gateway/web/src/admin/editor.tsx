// The frame of every editor: what is wrong, what would change, saving against the version that was read, and a guard
// against losing what was typed.
import { Button, Group, Loader, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArrowLeft, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { Link, useBlocker, useNavigate } from "react-router";
import { ask } from "../api/clients";
import { reasonOf, sayError } from "../api/errors";
import { useApi } from "../context";
import type { Change, EditResponse, Violation } from "../gen/switchboard/directory/v1/service_pb";
import { newId } from "../lib/id";
import { Failed, Pill } from "../parts/bits";
import { t } from "../strings";
import styles from "./admin.module.css";
import { DiffList } from "./diff";
import type { Configuration, Edit } from "./data";
import { useConfiguration, useFlows, useMayEdit } from "./data";
import type { Form, Kind } from "./form";
import { useForm } from "./form";

export const NEW = "+new";
const NONE: Record<string, string> = {};

export interface EditorProps<D> {
  kind: Kind<D>;
  /** The tab it belongs to, in the address. */
  tab: string;
  /** `+new`: it is new. */
  itemKey: string;
  title: (draft: D) => string;
  what: string;
  children: (form: Form<D>, configuration: Configuration, flows: { key: string; name: string }[]) => ReactNode;
}

/** Loads the configuration once; what is edited stays as it was read, whatever others do meanwhile. */
export function Editor<D>(props: EditorProps<D>) {
  const configuration = useConfiguration();
  const flows = useFlows();
  const [base, setBase] = useState<Configuration>();
  const [turn, setTurn] = useState(0);
  // Read anew when the page opens: the answer that was kept may be old.
  const fresh = configuration.isFetchedAfterMount ? configuration.data : undefined;
  if (fresh && !base) setBase(fresh);
  if (configuration.isError && !base) return <Failed error={configuration.error} retry={() => void configuration.refetch()} />;
  if (!base)
    return (
      <div className="sb-empty">
        <Loader size="sm" />
      </div>
    );
  const before = props.itemKey === NEW ? undefined : props.kind.read(base.centre, props.itemKey);
  if (!before && props.itemKey !== NEW) return <Failed error={new Error(t.errors.notFound)} />;
  const again = async () => {
    const next = await configuration.refetch();
    if (next.data) setBase(next.data);
    setTurn((now) => now + 1);
  };
  return <Open key={turn} {...props} base={base} before={before} flows={flows.data ?? []} again={again} />;
}

interface OpenProps<D> extends EditorProps<D> {
  base: Configuration;
  before: D | undefined;
  flows: { key: string; name: string }[];
  again: () => Promise<void>;
}

function Open<D>({ kind, tab, itemKey, title, what, children, base, before, flows, again }: OpenProps<D>) {
  const api = useApi();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayEdit = useMayEdit();
  const flowKeys = flows.map((flow) => flow.key);
  // What is new has seen nothing: it takes nobody's place.
  const versions = before ? base.versions : NONE;
  const { form, checked, dirty, typos } = useForm(kind, before, versions, flowKeys, !mayEdit);
  const [asked, setAsked] = useState<{ edits: Edit[]; answer: EditResponse; removes: boolean; requestId: string }>();
  const [conflict, setConflict] = useState("");
  const [busy, setBusy] = useState(false);
  const left = useRef(false);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && !left.current && currentLocation.pathname !== nextLocation.pathname);

  useEffect(() => {
    if (!dirty) return;
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    globalThis.addEventListener("beforeunload", hold);
    return () => globalThis.removeEventListener("beforeunload", hold);
  }, [dirty]);

  const go = (to: string) => {
    left.current = true;
    void navigate(to);
  };
  /** First what would change, to be looked at. */
  const propose = async (edits: Edit[], removes: boolean) => {
    setBusy(true);
    try {
      const answer = await api.administration.edit({ edits, dryRun: true, knownFlows: flowKeys }, ask);
      setAsked({ edits, answer, removes, requestId: newId() });
    } catch (error) {
      notifications.show({ color: "red", message: sayError(error) });
    } finally {
      setBusy(false);
    }
  };
  const save = async () => {
    if (!asked) return;
    setBusy(true);
    try {
      const answer = await api.administration.edit({ edits: asked.edits, knownFlows: flowKeys, requestId: asked.requestId }, ask);
      if (answer.violations.length > 0) {
        setAsked({ ...asked, answer });
        return;
      }
      notifications.show({ color: "teal", message: asked.removes ? t.admin.removed(title(form.draft)) : t.admin.saved(title(form.draft)) });
      await Promise.all([queries.invalidateQueries({ queryKey: ["configuration"] }), queries.invalidateQueries({ queryKey: ["centre"] }), queries.invalidateQueries({ queryKey: ["changes"] })]);
      go(`/centre?tab=${tab}`);
    } catch (error) {
      if (reasonOf(error) === "CHANGED_MEANWHILE") {
        setAsked(undefined);
        setConflict(sayError(error));
      } else {
        notifications.show({ color: "red", message: sayError(error) });
      }
    } finally {
      setBusy(false);
    }
  };

  const blocked = Object.keys(typos).length > 0 || checked.violations.length > 0 || checked.state === "checking";
  const name = title(form.draft);
  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={name || what}>
      <form
        className={styles.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (mayEdit && dirty && !blocked) void propose(kind.save(form.draft, before, versions), false);
        }}
      >
        <Link className={styles.back} to={`/centre?tab=${tab}`}>
          <IconArrowLeft size={15} aria-hidden /> {t.centre.tabs[tab as keyof typeof t.centre.tabs]}
        </Link>
        <div className="sb-page-head">
          <h1>{name || t.admin.newOf(what)}</h1>
          {itemKey !== NEW && (
            <code className="sb-quiet" style={{ fontSize: "0.8125rem" }}>
              {itemKey}
            </code>
          )}
          {!mayEdit && <Pill>{t.admin.readOnly}</Pill>}
        </div>
        <Mistakes violations={checked.violations} />
        <div className={styles.set}>{children(form, base, flows)}</div>
        {mayEdit && (
          <div className={styles.bar}>
            <State state={checked.state} failure={checked.failure} dirty={dirty} mistakes={checked.violations.length + Object.keys(typos).length} changes={checked.changes} />
            {before !== undefined && (
              <Button variant="subtle" color="red" size="sm" leftSection={<IconTrash size={15} aria-hidden />} disabled={busy} onClick={() => void propose(kind.remove(before, versions), true)}>
                {t.admin.remove}
              </Button>
            )}
            <Button variant="default" size="sm" disabled={!dirty || busy} onClick={() => void again()}>
              {t.admin.discard}
            </Button>
            <Button type="submit" size="sm" disabled={!dirty || blocked} loading={busy && !asked}>
              {t.admin.review}
            </Button>
          </div>
        )}
      </form>
      <Modal opened={asked !== undefined} onClose={() => setAsked(undefined)} title={asked?.removes ? t.admin.removeTitle(name) : t.admin.reviewTitle} size="lg" centered closeButtonProps={{ "aria-label": t.shortcuts.close }}>
        {asked && (
          <>
            {asked.answer.violations.length > 0 ? <Mistakes violations={asked.answer.violations} /> : <DiffList changes={asked.answer.changes} />}
            <Group justify="flex-end">
              <Button variant="default" size="sm" onClick={() => setAsked(undefined)}>
                {t.admin.back}
              </Button>
              {asked.answer.violations.length === 0 && (
                <Button size="sm" data-autofocus color={asked.removes ? "red" : undefined} loading={busy} onClick={() => void save()}>
                  {asked.removes ? t.admin.remove : t.admin.save}
                </Button>
              )}
            </Group>
          </>
        )}
      </Modal>
      <Modal opened={conflict !== ""} onClose={() => setConflict("")} title={t.admin.conflict} centered closeButtonProps={{ "aria-label": t.shortcuts.close }}>
        <p style={{ marginTop: 0 }}>{conflict}</p>
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={() => setConflict("")}>
            {t.admin.stay}
          </Button>
          <Button size="sm" onClick={() => void again()}>
            {t.admin.again}
          </Button>
        </Group>
      </Modal>
      <Modal opened={blocker.state === "blocked"} onClose={() => blocker.reset?.()} title={t.admin.unsaved} centered closeButtonProps={{ "aria-label": t.shortcuts.close }}>
        <p style={{ marginTop: 0 }}>{t.admin.unsavedText}</p>
        <Group justify="flex-end">
          <Button variant="default" size="sm" data-autofocus onClick={() => blocker.reset?.()}>
            {t.admin.stay}
          </Button>
          <Button color="red" size="sm" onClick={() => blocker.proceed?.()}>
            {t.admin.leave}
          </Button>
        </Group>
      </Modal>
    </div>
  );
}

function State({ state, failure, dirty, mistakes, changes }: { state: string; failure: string; dirty: boolean; mistakes: number; changes: Change[] }) {
  const text = !dirty
    ? t.admin.unchanged
    : mistakes > 0
      ? t.admin.mistakes(mistakes)
      : state === "checking"
        ? t.admin.checking
        : state === "failed"
          ? failure
          : changes.length === 0
            ? t.admin.nothingDiffers
            : t.admin.fine;
  return (
    <span className={styles.barState} data-tone={dirty && (mistakes > 0 || state === "failed") ? "bad" : undefined} role="status" data-testid="check">
      {text}
    </span>
  );
}

function Mistakes({ violations }: { violations: Violation[] }) {
  if (violations.length === 0) return null;
  return (
    <div className={styles.mistakes} data-testid="mistakes">
      <strong>
        <IconAlertTriangle size={15} aria-hidden style={{ verticalAlign: "-2px" }} /> {t.admin.mistakes(violations.length)}
      </strong>
      <ul>
        {violations.slice(0, 20).map((violation, place) => (
          <li key={place}>
            <code>{violation.field}</code> {violation.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
