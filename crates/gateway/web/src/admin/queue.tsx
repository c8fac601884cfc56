// One queue: who may take its work, in which order, and what happens when nobody does.
import { clone, create, equals } from "@bufbuild/protobuf";
import type { Alternative, Queue } from "../gen/switchboard/directory/v1/types_pb";
import { AlternativeKind, AlternativeSchema, CallbackPolicySchema, ProficiencyMode, QueueSchema, Sticky, Strategy, WrapUpMode } from "../gen/switchboard/directory/v1/types_pb";
import { RingSchema } from "../gen/switchboard/interaction/v1/types_pb";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { t } from "../strings";
import styles from "./admin.module.css";
import { Editor } from "./editor";
import type { Choice } from "./fields";
import { choicesOf, KeyField, Part, Pick, Rows, Span, Text, Toggle, Whole, Words } from "./fields";
import type { Form, Kind } from "./form";

const kind: Kind<Queue> = {
  list: "queues",
  blank: () =>
    create(QueueSchema, {
      strategy: Strategy.LONGEST_IDLE,
      wrapUpMode: WrapUpMode.TIMED,
      proficiencyMode: ProficiencyMode.ALL,
      sticky: Sticky.QUEUE_MEMBERS,
      offerTimeout: durationFromMs(20_000),
      wrapUpLimit: durationFromMs(30_000),
      serviceLevelWithin: durationFromMs(20_000),
      onExhausted: { kind: AlternativeKind.ANY_AGENT },
      onClosed: { kind: AlternativeKind.ANY_AGENT },
    }),
  read: (centre, key) => centre.queues.find((queue) => queue.key === key),
  copy: (queue) => clone(QueueSchema, queue),
  same: (one, other) => equals(QueueSchema, one, other),
  key: (queue) => queue.key,
  save: (queue, _, versions) => [{ edit: { case: "put", value: { thing: { case: "queue", value: queue } } }, version: versions[`queues/${queue.key}`] ?? "" }],
  remove: (queue, versions) => [{ edit: { case: "remove", value: `queues/${queue.key}` }, version: versions[`queues/${queue.key}`] ?? "" }],
};

const callbackOf = (queue: Queue) => (queue.callback ??= create(CallbackPolicySchema, { attempts: 3 }));

const named = (words: string[], skip = 1): Choice[] => words.map((label, value) => ({ value: String(value), label })).slice(skip);

export function QueueEditor({ itemKey }: { itemKey: string }) {
  return (
    <Editor kind={kind} tab="queues" itemKey={itemKey} title={(queue) => queue.name || queue.key} what={t.admin.what.queue}>
      {(form, { centre }) => {
        const others = choicesOf(centre.queues.filter((queue) => queue.key !== form.draft.key));
        return (
          <>
            <Part title={t.admin.queue.basics}>
              <KeyField form={form} path="queues.key" get={(queue) => queue.key} set={(queue, value) => (queue.key = value)} />
              <Text form={form} path="queues.name" label={t.centre.name} get={(queue) => queue.name} set={(queue, value) => (queue.name = value)} />
            </Part>
            <Part title={t.admin.queue.who} hint={t.admin.queue.whoHint} wide>
              <Rings form={form} />
              <div className={styles.fields}>
                <Pick form={form} path="queues.strategy" label={t.centre.strategy} choices={named(t.strategy)} get={(queue) => String(queue.strategy || 1)} set={(queue, value) => (queue.strategy = Number(value))} />
                <Pick form={form} path="queues.proficiency_mode" label={t.admin.queue.proficiency} hint={t.admin.queue.proficiencyHint} choices={named(t.admin.proficiencyMode)} get={(queue) => String(queue.proficiencyMode || 2)} set={(queue, value) => (queue.proficiencyMode = Number(value))} />
                <Pick form={form} path="queues.sticky" label={t.admin.queue.sticky} choices={named(t.admin.sticky)} get={(queue) => String(queue.sticky || 1)} set={(queue, value) => (queue.sticky = Number(value))} />
                <Span form={form} path="queues.preferred_for" label={t.admin.queue.preferredFor} get={(queue) => queue.preferredFor} set={(queue, value) => (queue.preferredFor = value)} placeholder="30s" />
              </div>
            </Part>
            <Part title={t.admin.queue.order} hint={t.admin.queue.orderHint}>
              <Whole form={form} path="queues.priority" label={t.centre.priority} get={(queue) => queue.priority} set={(queue, value) => (queue.priority = value)} />
              <Span form={form} path="queues.priority_worth" label={t.admin.queue.worth} get={(queue) => queue.priorityWorth} set={(queue, value) => (queue.priorityWorth = value)} placeholder="60s" />
              <Span form={form} path="queues.service_level_within" label={t.centre.level} get={(queue) => queue.serviceLevelWithin} set={(queue, value) => (queue.serviceLevelWithin = value)} placeholder="20s" />
              <Toggle form={form} path="queues.service_level_in_business_time" label={t.admin.queue.businessTime} get={(queue) => queue.serviceLevelInBusinessTime} set={(queue, value) => (queue.serviceLevelInBusinessTime = value)} />
              <Span form={form} path="queues.handling_time" label={t.admin.queue.handlingTime} hint={t.admin.queue.handlingTimeHint} get={(queue) => queue.handlingTime} set={(queue, value) => (queue.handlingTime = value)} placeholder="5m" />
              <Span form={form} path="queues.minimum_wait" label={t.admin.queue.minimumWait} hint={t.admin.queue.minimumWaitHint} get={(queue) => queue.minimumWait} set={(queue, value) => (queue.minimumWait = value)} />
            </Part>
            <Part title={t.admin.queue.offer} hint={t.admin.queue.offerHint}>
              <Span form={form} path="queues.offer_timeout" label={t.centre.offer} get={(queue) => queue.offerTimeout} set={(queue, value) => (queue.offerTimeout = value)} placeholder="20s" />
              <Span form={form} path="queues.retry_same_agent_after" label={t.admin.queue.retry} get={(queue) => queue.retrySameAgentAfter} set={(queue, value) => (queue.retrySameAgentAfter = value)} placeholder="60s" />
              <div className={styles.full}>
                <Toggle form={form} path="queues.stay_available_after_no_answer" label={t.admin.queue.stay} get={(queue) => queue.stayAvailableAfterNoAnswer} set={(queue, value) => (queue.stayAvailableAfterNoAnswer = value)} />
              </div>
              <div className={styles.full}>
                <Text form={form} path="queues.whisper" label={t.admin.queue.whisper} hint={t.admin.queue.whisperHint} get={(queue) => queue.whisper} set={(queue, value) => (queue.whisper = value)} />
              </div>
            </Part>
            <Part title={t.centre.wrapUp}>
              <Pick form={form} path="queues.wrap_up_mode" label={t.admin.queue.mode} choices={named(t.wrapUpMode)} get={(queue) => String(queue.wrapUpMode || 1)} set={(queue, value) => (queue.wrapUpMode = Number(value))} />
              <Span form={form} path="queues.wrap_up_limit" label={t.admin.queue.limit} get={(queue) => queue.wrapUpLimit} set={(queue, value) => (queue.wrapUpLimit = value)} placeholder="30s" />
              <Span form={form} path="queues.wrap_up_extension" label={t.admin.queue.extension} hint={t.admin.queue.extensionHint} get={(queue) => queue.wrapUpExtension} set={(queue, value) => (queue.wrapUpExtension = value)} placeholder="5m" />
              <div className={styles.full}>
                <Words form={form} path="queues.dispositions" label={t.centre.dispositions} hint={t.admin.queue.dispositionsHint} placeholder={t.centre.freeText} get={(queue) => queue.dispositions} set={(queue, value) => (queue.dispositions = value)} />
              </div>
            </Part>
            <Part title={t.admin.queue.absence} hint={t.admin.queue.absenceHint}>
              <Pick form={form} path="queues.hours" label={t.centre.tabs.hours} clearable placeholder={t.admin.queue.always} choices={choicesOf(centre.hours)} get={(queue) => queue.hours} set={(queue, value) => (queue.hours = value)} />
              <Toggle form={form} path="queues.closed" label={t.admin.closedNow} hint={t.admin.closedNowHint} color="red" get={(queue) => queue.closed} set={(queue, value) => (queue.closed = value)} />
              <Otherwise form={form} field="on_closed" label={t.admin.queue.onClosed} others={others} get={(queue) => queue.onClosed} set={(queue, value) => (queue.onClosed = value)} />
              <Otherwise form={form} field="on_exhausted" label={t.admin.queue.onExhausted} others={others} get={(queue) => queue.onExhausted} set={(queue, value) => (queue.onExhausted = value)} />
              <div className={styles.full}>
                <Text form={form} path="queues.farewell" label={t.admin.queue.farewell} hint={t.admin.queue.farewellHint} get={(queue) => queue.farewell} set={(queue, value) => (queue.farewell = value)} />
                <Text form={form} path="queues.message_greeting" label={t.admin.queue.messageGreeting} hint={t.admin.queue.messageGreetingHint} get={(queue) => queue.messageGreeting} set={(queue, value) => (queue.messageGreeting = value)} />
              </div>
              <Whole form={form} path="queues.callback.attempts" label={t.admin.queue.attempts} min={1} max={10} get={(queue) => queue.callback?.attempts || 3} set={(queue, value) => (callbackOf(queue).attempts = value)} />
              <Span form={form} path="queues.callback.gap" label={t.admin.queue.gap} get={(queue) => queue.callback?.gap} set={(queue, value) => (callbackOf(queue).gap = value)} placeholder="15m" />
            </Part>
          </>
        );
      }}
    </Editor>
  );
}

function Rings({ form }: { form: Form<Queue> }) {
  return (
    <Rows
      rows={form.draft.rings}
      readOnly={form.readOnly}
      add={() => form.change((queue) => queue.rings.push(create(RingSchema)))}
      addLabel={t.admin.queue.addRing}
      remove={(place) => form.change((queue) => queue.rings.splice(place, 1))}
      removeLabel={(place) => t.admin.queue.removeRing(place + 1)}
    >
      {(_, place) => (
        <>
          <Text
            form={form}
            path={`queues.rings[${place}].expression`}
            label={t.admin.queue.ring(place + 1)}
            mono
            placeholder={t.admin.queue.ringExample}
            get={(queue) => queue.rings[place]?.expression ?? ""}
            set={(queue, value) => {
              const ring = queue.rings[place];
              if (ring) ring.expression = value;
            }}
          />
          <div data-narrow>
            <Span
              key={`${place} of ${form.draft.rings.length}`}
              form={form}
              path={`queues.rings[${place}].lasts`}
              label={t.admin.queue.lasts}
              placeholder={t.admin.queue.forEver}
              get={(queue) => queue.rings[place]?.lasts}
              set={(queue, value) => {
                const ring = queue.rings[place];
                if (ring) ring.lasts = value;
              }}
            />
          </div>
        </>
      )}
    </Rows>
  );
}

function Otherwise({ form, field, label, others, get, set }: { form: Form<Queue>; field: string; label: string; others: Choice[]; get: (queue: Queue) => Alternative | undefined; set: (queue: Queue, value: Alternative) => void }) {
  const now = get(form.draft);
  const toQueue = now?.kind === AlternativeKind.QUEUE;
  return (
    <>
      <Pick
        form={form}
        path={`queues.${field}.kind`}
        label={label}
        choices={named(t.admin.alternative)}
        get={(queue) => String(get(queue)?.kind || AlternativeKind.ANY_AGENT)}
        set={(queue, value) => set(queue, create(AlternativeSchema, { kind: Number(value) }))}
      />
      {toQueue ? (
        <Pick form={form} path={`queues.${field}.queue`} label={t.admin.queue.toQueue} choices={others} get={(queue) => get(queue)?.queue ?? ""} set={(queue, value) => set(queue, create(AlternativeSchema, { kind: AlternativeKind.QUEUE, queue: value }))} />
      ) : (
        <span />
      )}
    </>
  );
}
