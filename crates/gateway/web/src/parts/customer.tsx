// The customer beside the conversation: who, case, history across channels, notes.
import { ActionIcon, Button, Skeleton, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFingerprint, IconMail, IconPencil, IconPhone, IconUser, IconUserQuestion } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi, useMaybeDesk } from "../context";
import type { Item } from "../desk/model";
import type { GetCustomerResponse } from "../gen/switchboard/crm/v1/service_pb";
import type { Identity } from "../gen/switchboard/crm/v1/types_pb";
import { CaseState, IdentityKind } from "../gen/switchboard/crm/v1/types_pb";
import { newId } from "../lib/id";
import { date, ms } from "../lib/time";
import { t } from "../strings";
import { Ago, Empty, Face, Failed, Hint, Pill } from "./bits";
import { customerKey, useCustomer } from "./customer-data";
import styles from "./customer.module.css";
import { useNames } from "./names";
import { dialling } from "../softphone/dialling";
import { w } from "../softphone/words";
import { Past } from "./past";

const HISTORY_EVERY_MS = 15_000;
const NOTE_MAX = 4000;

export function CustomerPanel(props: { customerId?: string; interactionId?: string; fallback?: Item }) {
  const { customerId, interactionId, fallback } = props;
  const customer = useCustomer(customerId, HISTORY_EVERY_MS);
  const queries = useQueryClient();
  const desk = useMaybeDesk();

  // A note of a colleague shows at once.
  useEffect(
    () =>
      desk?.store.subscribe((state, before) => {
        const id = customerId ?? "";
        if (state.notes[id] !== before.notes[id]) void queries.invalidateQueries({ queryKey: customerKey(id) });
      }),
    [desk, queries, customerId],
  );

  if (!customerId)
    return fallback ? (
      <Empty icon={IconUserQuestion} title={t.customer.unknown}>
        {t.customer.unknownHint}
      </Empty>
    ) : (
      <Empty icon={IconUser}>{t.customer.none}</Empty>
    );
  if (customer.isPending)
    return (
      <div className={styles.panel} aria-busy>
        <Skeleton height={44} circle />
        <Skeleton height={14} width="60%" />
        <Skeleton height={60} />
      </div>
    );
  if (customer.isError) return <Failed error={customer.error} retry={() => void customer.refetch()} />;
  return <Known key={customerId} data={customer.data} customerId={customerId} interactionId={interactionId} label={fallback?.label} />;
}

function Known(props: { data: GetCustomerResponse; customerId: string; interactionId?: string; label?: string }) {
  const { data, customerId, interactionId, label } = props;
  const api = useApi();
  const queries = useQueryClient();
  const customer = data.customer;
  const current = data.interactions.find((each) => each.interactionId === interactionId);
  const kase = data.cases.find((each) => each.caseId === current?.caseId) ?? data.cases.find((each) => each.state === CaseState.OPEN);
  const since = ms(customer?.firstSeenAt);
  const resolve = useMutation({
    mutationFn: (caseId: string) => api.crm.resolveCase({ caseId, requestId: newId() }, ask),
    onSuccess: () => queries.invalidateQueries({ queryKey: customerKey(customerId) }),
    onError: (error) => notifications.show({ color: "red", message: sayError(error) }),
  });
  return (
    <div className={styles.panel} data-testid="customer">
      <Who customerId={customerId} name={customer?.name ?? ""} label={label} since={since === undefined ? "" : t.customer.since(date(since))} />
      {customer && customer.identities.length > 0 && (
        <section>
          <h3 className="sb-section">{t.customer.identities}</h3>
          <ul className={styles.identities}>
            {customer.identities.map((identity) => (
              <IdentityRow key={`${identity.kind}${identity.value}`} identity={identity} label={customer.name} />
            ))}
          </ul>
        </section>
      )}
      {kase && (
        <section>
          <h3 className="sb-section">{t.customer.case}</h3>
          <div className={styles.case}>
            <strong style={{ fontWeight: 560 }}>{t.customer.caseNumber(String(kase.number))}</strong>
            <Pill tone={kase.state === CaseState.OPEN ? "warn" : "good"}>
              {kase.state === CaseState.OPEN ? t.customer.open : t.customer.resolved}
            </Pill>
            <span className="sb-quiet" style={{ fontSize: "0.75rem", flex: 1 }}>
              <Ago at={ms(kase.openedAt)} />
            </span>
            {kase.state === CaseState.OPEN && (
              <Button size="compact-xs" variant="default" loading={resolve.isPending} onClick={() => resolve.mutate(kase.caseId)}>
                {t.customer.resolve}
              </Button>
            )}
          </div>
        </section>
      )}
      <Notes customerId={customerId} interactionId={interactionId} data={data} />
      <section>
        <h3 className="sb-section">{t.customer.history}</h3>
        {data.interactions.filter((each) => each.interactionId !== interactionId).length === 0 && (
          <p className="sb-quiet" style={{ margin: 0, fontSize: "0.8125rem" }}>
            {t.customer.historyEmpty}
          </p>
        )}
        <ul className={styles.history}>
          {data.interactions.map((each) => (
            <Past key={each.interactionId} interaction={each} current={each.interactionId === interactionId} />
          ))}
        </ul>
      </section>
    </div>
  );
}

function Who({ customerId, name, label, since }: { customerId: string; name: string; label?: string; since: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const [text, setText] = useState<string>();
  const save = useMutation({
    mutationFn: (to: string) => api.crm.updateCustomer({ customerId, name: to, requestId: newId() }, ask),
    onSuccess: async () => {
      setText(undefined);
      await queries.invalidateQueries({ queryKey: customerKey(customerId) });
    },
    onError: (error) => notifications.show({ color: "red", message: sayError(error) }),
  });
  const shown = name || label || t.unknownCustomer;
  if (text !== undefined)
    return (
      <form
        style={{ display: "flex", gap: 8, alignItems: "end" }}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(text.trim());
        }}
      >
        <TextInput
          style={{ flex: 1 }}
          label={t.customer.name}
          data-autofocus
          ref={(input) => input?.focus()}
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && setText(undefined)}
        />
        <Button type="submit" size="sm" loading={save.isPending}>
          {t.customer.save}
        </Button>
      </form>
    );
  return (
    <div className={styles.who}>
      <Face name={shown} size={44} />
      <div style={{ minWidth: 0, flex: 1 }}>
        <h2>{shown}</h2>
        <span className="sb-quiet" style={{ fontSize: "0.75rem" }}>
          {since}
        </span>
      </div>
      <Hint text={t.customer.edit}>
        <ActionIcon aria-label={t.customer.edit} onClick={() => setText(name)}>
          <IconPencil size={16} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Hint>
    </div>
  );
}

function IdentityRow({ identity, label }: { identity: Identity; label: string }) {
  const desk = useMaybeDesk();
  const Shape = identity.kind === IdentityKind.PHONE ? IconPhone : identity.kind === IdentityKind.EMAIL ? IconMail : IconFingerprint;
  const visitor = identity.kind === IdentityKind.VISITOR;
  return (
    <li title={identity.value}>
      <Shape size={15} stroke={1.7} role="img" aria-label={t.identityKind[identity.kind] ?? ""} />
      {identity.kind === IdentityKind.PHONE && desk ? (
        <button type="button" className={styles.number} title={w.dial.callNumber(identity.value)} aria-label={w.dial.callNumber(identity.value)} data-testid="call-number" onClick={() => dialling.open(identity.value, label)}>
          {identity.value}
        </button>
      ) : (
        <span className={visitor ? "sb-quiet" : undefined}>{visitor ? `${t.customer.verified} ${identity.value.slice(0, 8)}` : identity.value}</span>
      )}
    </li>
  );
}

function Notes({ customerId, interactionId, data }: { customerId: string; interactionId?: string; data: GetCustomerResponse }) {
  const api = useApi();
  const names = useNames();
  const desk = useMaybeDesk();
  const queries = useQueryClient();
  const draftId = `note-${customerId}`;
  const [text, setText] = useState(() => desk?.kept.draft(draftId).text ?? "");
  const write = (to: string) => {
    setText(to);
    desk?.kept.keepDraft(draftId, { text: to, files: [] });
  };
  const add = useMutation({
    mutationFn: (note: { text: string; requestId: string }) =>
      api.crm.addNote({ customerId, interactionId: interactionId ?? "", ...note }, ask),
    onSuccess: async () => {
      write("");
      await queries.invalidateQueries({ queryKey: customerKey(customerId) });
    },
    onError: (error) => notifications.show({ color: "red", message: sayError(error) }),
  });
  const submit = () => {
    if (text.trim() !== "" && !add.isPending) add.mutate({ text: text.trim(), requestId: newId() });
  };
  return (
    <section className={styles.notes}>
      <h3 className="sb-section" style={{ margin: 0 }}>
        {t.customer.notes}
      </h3>
      {data.notes.map((note) => (
        <article key={note.noteId} className={styles.note}>
          {note.text}
          <footer>
            {names.agent(note.authorId)} · <Ago at={ms(note.writtenAt)} />
          </footer>
        </article>
      ))}
      <Textarea
        aria-label={t.customer.addNote}
        placeholder={data.notes.length === 0 ? `${t.customer.addNote}. ${t.customer.notePlaceholder}` : t.customer.addNote}
        autosize
        minRows={1}
        maxRows={6}
        maxLength={NOTE_MAX}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        }}
      />
      {text.trim() !== "" && (
        <Button style={{ alignSelf: "end" }} loading={add.isPending} onClick={submit}>
          {t.customer.saveNote}
        </Button>
      )}
    </section>
  );
}
