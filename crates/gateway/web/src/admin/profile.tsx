// One routing profile: how much at once on which channel, and which queues.
import { clone, create, equals } from "@bufbuild/protobuf";
import { Checkbox, MultiSelect, NumberInput, Switch } from "@mantine/core";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { ChannelCapacity, RoutingProfile } from "../gen/switchboard/directory/v1/types_pb";
import { BlendingSchema, ChannelCapacitySchema, ProfileQueueSchema, RoutingProfileSchema } from "../gen/switchboard/directory/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { channelName } from "../parts/bits";
import { t } from "../strings";
import styles from "./admin.module.css";
import { Editor } from "./editor";
import type { Choice } from "./fields";
import { choicesOf, KeyField, Part, Pick, PickMany, Rows, Span, Text, Whole } from "./fields";
import type { Form, Kind } from "./form";

const kind: Kind<RoutingProfile> = {
  list: "routing_profiles",
  blank: () => create(RoutingProfileSchema, { capacities: [{ channel: Channel.VOICE, slots: 1 }, { channel: Channel.CHAT, slots: 3 }] }),
  read: (centre, key) => centre.routingProfiles.find((profile) => profile.key === key),
  copy: (profile) => clone(RoutingProfileSchema, profile),
  same: (one, other) => equals(RoutingProfileSchema, one, other),
  key: (profile) => profile.key,
  save: (profile, _, versions) => [
    { edit: { case: "put", value: { thing: { case: "routingProfile", value: profile } } }, version: versions[`routing_profiles/${profile.key}`] ?? "" },
  ],
  remove: (profile, versions) => [
    { edit: { case: "remove", value: `routing_profiles/${profile.key}` }, version: versions[`routing_profiles/${profile.key}`] ?? "" },
  ],
};

const CHANNELS = [Channel.VOICE, Channel.CHAT, Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.VIDEO, Channel.FAX];
const channels: Choice[] = CHANNELS.map((channel) => ({ value: String(channel), label: channelName(channel) }));

export function ProfileEditor({ itemKey }: { itemKey: string }) {
  return (
    <Editor kind={kind} tab="profiles" itemKey={itemKey} title={(profile) => profile.name || profile.key} what={t.admin.what.profile}>
      {(form, { centre }) => (
        <>
          <Part title={t.admin.basics}>
            <KeyField form={form} path="routing_profiles.key" get={(profile) => profile.key} set={(profile, value) => (profile.key = value)} />
            <Text form={form} path="routing_profiles.name" label={t.centre.name} get={(profile) => profile.name} set={(profile, value) => (profile.name = value)} />
          </Part>
          <Part title={t.admin.profile.capacity} hint={t.admin.profile.capacityHint} wide>
            <Capacities form={form} />
            <div className={styles.fields}>
              <Whole form={form} path="routing_profiles.max_offers_at_once" label={t.admin.profile.atOnce} hint={t.admin.profile.atOnceHint} min={0} max={100} get={(profile) => profile.maxOffersAtOnce} set={(profile, value) => (profile.maxOffersAtOnce = value)} />
            </div>
          </Part>
          <Part title={t.centre.serves} hint={t.admin.profile.servesHint} wide>
            <Served form={form} queues={choicesOf(centre.queues)} />
          </Part>
          <Part title={t.admin.profile.blending} hint={t.admin.profile.blendingHint} wide>
            <Blend form={form} queues={choicesOf(centre.queues.filter((queue) => form.draft.queues.some((served) => served.queue === queue.key)))} />
          </Part>
        </>
      )}
    </Editor>
  );
}

function Capacities({ form }: { form: Form<RoutingProfile> }) {
  const errors = CHANNELS.flatMap((channel) => ["channel", "slots", "interruptible_by[0]"].map((field) => form.error(`routing_profiles.capacities[${channelName(channel).toLowerCase()}].${field}`)));
  return (
    <div className="sb-scroll">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t.centre.channel}</th>
            <th scope="col">{t.admin.profile.slots}</th>
            <th scope="col">{t.admin.profile.interruptible}</th>
            <th scope="col">{t.admin.profile.autoAccept}</th>
          </tr>
        </thead>
        <tbody>
          {CHANNELS.map((channel) => (
            <Capacity key={channel} form={form} channel={channel} />
          ))}
        </tbody>
      </table>
      {errors.filter(Boolean).map((error) => (
        <p key={error} className="sb-error">
          {error}
        </p>
      ))}
    </div>
  );
}

function Capacity({ form, channel }: { form: Form<RoutingProfile>; channel: Channel }) {
  const name = channelName(channel);
  const capacity = form.draft.capacities.find((each) => each.channel === channel);
  const edit = (mutate: (capacity: ChannelCapacity) => void) =>
    form.change((profile) => {
      const found = profile.capacities.find((each) => each.channel === channel);
      if (found) mutate(found);
    });
  return (
    <tr>
      <th scope="row">{name}</th>
      <td style={{ width: 110 }}>
        <NumberInput
          size="xs"
          aria-label={t.admin.profile.slotsOf(name)}
          readOnly={form.readOnly}
          min={0}
          max={100}
          value={capacity?.slots ?? 0}
          onChange={(value) =>
            form.change((profile) => {
              const slots = Number(value) || 0;
              const found = profile.capacities.find((each) => each.channel === channel);
              if (slots === 0) profile.capacities = profile.capacities.filter((each) => each.channel !== channel);
              else if (found) found.slots = slots;
              else {
                profile.capacities.push(create(ChannelCapacitySchema, { channel, slots }));
                profile.capacities.sort((a, b) => a.channel - b.channel);
              }
            })
          }
        />
      </td>
      <td>
        <MultiSelect
          size="xs"
          aria-label={t.admin.profile.interruptibleOf(name)}
          placeholder={capacity && capacity.interruptibleBy.length === 0 ? t.admin.profile.nothing : undefined}
          disabled={!capacity}
          readOnly={form.readOnly}
          data={channels}
          value={(capacity?.interruptibleBy ?? []).map(String)}
          onChange={(chosen) => edit((each) => (each.interruptibleBy = chosen.map(Number).sort((a, b) => a - b)))}
        />
      </td>
      <td style={{ width: 90 }}>
        <Checkbox
          aria-label={t.admin.profile.autoAcceptOf(name)}
          disabled={!capacity || form.readOnly}
          checked={capacity?.autoAccept ?? false}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            edit((each) => (each.autoAccept = checked));
          }}
        />
      </td>
    </tr>
  );
}

function Served({ form, queues }: { form: Form<RoutingProfile>; queues: Choice[] }) {
  const edit = (place: number, mutate: (served: RoutingProfile["queues"][number]) => void) => (profile: RoutingProfile) => {
    const served = profile.queues[place];
    if (served) mutate(served);
  };
  return (
    <Rows
      rows={form.draft.queues}
      readOnly={form.readOnly}
      add={() => form.change((profile) => profile.queues.push(create(ProfileQueueSchema)))}
      addLabel={t.admin.profile.addQueue}
      remove={(place) => form.change((profile) => profile.queues.splice(place, 1))}
      removeLabel={(place) => t.admin.profile.removeQueue(place + 1)}
    >
      {(_, place) => (
        <>
          <Pick form={form} path={`routing_profiles.queues[${place}].queue`} label={t.interactions.queue} choices={queues} get={(profile) => profile.queues[place]?.queue ?? ""} set={(profile, value) => edit(place, (served) => (served.queue = value))(profile)} />
          <Pick
            form={form}
            path={`routing_profiles.queues[${place}].channel`}
            label={t.centre.channel}
            clearable
            placeholder={t.admin.profile.everyChannel}
            choices={channels}
            get={(profile) => (profile.queues[place]?.channel ? String(profile.queues[place].channel) : "")}
            set={(profile, value) => edit(place, (served) => (served.channel = Number(value)))(profile)}
          />
          <div data-narrow>
            <Whole form={form} path={`routing_profiles.queues[${place}].priority`} label={t.centre.priority} get={(profile) => profile.queues[place]?.priority ?? 0} set={(profile, value) => edit(place, (served) => (served.priority = value))(profile)} />
          </div>
          <div data-narrow>
            <Span key={form.draft.queues.length} form={form} path={`routing_profiles.queues[${place}].delay`} label={t.admin.profile.delay} placeholder="0s" get={(profile) => profile.queues[place]?.delay} set={(profile, value) => edit(place, (served) => (served.delay = value))(profile)} />
          </div>
        </>
      )}
    </Rows>
  );
}

function Blend({ form, queues }: { form: Form<RoutingProfile>; queues: Choice[] }) {
  const blending = form.draft.blending;
  const edit = (mutate: (blending: NonNullable<RoutingProfile["blending"]>) => void) => (profile: RoutingProfile) => {
    if (profile.blending) mutate(profile.blending);
  };
  const path = (field: string) => `routing_profiles.blending.${field}`;
  return (
    <>
      <Switch
        label={t.admin.profile.blend}
        disabled={form.readOnly}
        checked={blending !== undefined}
        onChange={(event) => {
          const { checked } = event.currentTarget;
          form.change((profile) => (profile.blending = checked ? create(BlendingSchema, { leaveAt: 5, returnAt: 1, dwell: durationFromMs(60_000) }) : undefined));
        }}
      />
      {blending && (
        <div className={styles.fields}>
          <PickMany form={form} path={path("inbound")} label={t.admin.profile.inbound} choices={queues} get={(profile) => profile.blending?.inbound ?? []} set={(profile, value) => edit((each) => (each.inbound = value))(profile)} />
          <PickMany form={form} path={path("outbound")} label={t.admin.profile.outbound} choices={queues} get={(profile) => profile.blending?.outbound ?? []} set={(profile, value) => edit((each) => (each.outbound = value))(profile)} />
          <Whole form={form} path={path("leave_at")} label={t.admin.profile.leaveAt} get={(profile) => profile.blending?.leaveAt ?? 0} set={(profile, value) => edit((each) => (each.leaveAt = value))(profile)} />
          <Whole form={form} path={path("return_at")} label={t.admin.profile.returnAt} get={(profile) => profile.blending?.returnAt ?? 0} set={(profile, value) => edit((each) => (each.returnAt = value))(profile)} />
          <Span form={form} path={path("dwell")} label={t.admin.profile.dwell} get={(profile) => profile.blending?.dwell} set={(profile, value) => edit((each) => (each.dwell = value))(profile)} placeholder="60s" />
        </div>
      )}
    </>
  );
}
