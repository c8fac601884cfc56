// One entry point: where customers arrive, and the flow that greets them.
import { clone, create, equals } from "@bufbuild/protobuf";
import type { EntryPoint } from "../gen/switchboard/directory/v1/types_pb";
import { EntryPointSchema } from "../gen/switchboard/directory/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { channelName } from "../parts/bits";
import { t } from "../strings";
import styles from "./admin.module.css";
import { Editor } from "./editor";
import { choicesOf, KeyField, Part, Pick, Text, Words } from "./fields";
import type { Kind } from "./form";

const kind: Kind<EntryPoint> = {
  list: "entry_points",
  blank: () => create(EntryPointSchema, { channel: Channel.VOICE }),
  read: (centre, key) => centre.entryPoints.find((point) => point.key === key),
  copy: (point) => clone(EntryPointSchema, point),
  same: (one, other) => equals(EntryPointSchema, one, other),
  key: (point) => point.key,
  save: (point, _, versions) => [{ edit: { case: "put", value: { thing: { case: "entryPoint", value: point } } }, version: versions[`entry_points/${point.key}`] ?? "" }],
  remove: (point, versions) => [{ edit: { case: "remove", value: `entry_points/${point.key}` }, version: versions[`entry_points/${point.key}`] ?? "" }],
};

const CHANNELS = [Channel.VOICE, Channel.CHAT];
const isWidget = (channel: Channel): boolean => channel === Channel.CHAT || channel === Channel.VIDEO;

export function EntryPointEditor({ itemKey }: { itemKey: string }) {
  return (
    <Editor kind={kind} tab="entryPoints" itemKey={itemKey} title={(point) => point.name || point.key} what={t.admin.what.entryPoint}>
      {(form, _, flows) => (
        <>
          <Part title={t.admin.basics}>
            <KeyField form={form} path="entry_points.key" get={(point) => point.key} set={(point, value) => (point.key = value)} />
            <Text form={form} path="entry_points.name" label={t.centre.name} get={(point) => point.name} set={(point, value) => (point.name = value)} />
            <Pick
              form={form}
              path="entry_points.channel"
              label={t.centre.channel}
              choices={CHANNELS.map((channel) => ({ value: String(channel), label: channelName(channel) }))}
              get={(point) => String(point.channel)}
              set={(point, value) => {
                point.channel = Number(value);
                point.addresses = [];
                if (!isWidget(point.channel)) point.allowedOrigins = [];
              }}
            />
            <Pick form={form} path="entry_points.flow" label={t.centre.flow} hint={t.admin.entryPoint.flowHint} choices={choicesOf(flows)} get={(point) => point.flow} set={(point, value) => (point.flow = value)} />
          </Part>
          <Part title={t.admin.entryPoint.reach} wide>
            {isWidget(form.draft.channel) ? (
              <>
                <Words form={form} path="entry_points.allowed_origins" label={t.centre.origins} hint={t.admin.entryPoint.originsHint} placeholder="https://shop.example" get={(point) => point.allowedOrigins} set={(point, value) => (point.allowedOrigins = value)} />
                <p className="sb-quiet" style={{ margin: 0 }}>
                  {t.admin.entryPoint.widget}
                </p>
                <code className={styles.mono}>{`<script src="${globalThis.location.origin}/chat/v1/widget.js" data-entry-point="${form.draft.key}" async></script>`}</code>
              </>
            ) : (
              <Words form={form} path="entry_points.addresses" label={t.centre.addresses} hint={t.admin.entryPoint.addressesHint} placeholder="+15550100" get={(point) => point.addresses} set={(point, value) => (point.addresses = value)} />
            )}
          </Part>
        </>
      )}
    </Editor>
  );
}
