// One calendar: the week, the days that differ, and closure by hand.
import { clone, create, equals } from "@bufbuild/protobuf";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { Hours, OpenInterval } from "../gen/switchboard/directory/v1/types_pb";
import { HolidaySchema, HoursSchema, OpenIntervalSchema } from "../gen/switchboard/directory/v1/types_pb";
import type { Times } from "../lib/week";
import { formatTimes, parseTimes } from "../lib/week";
import { t } from "../strings";
import styles from "./admin.module.css";
import { Editor } from "./editor";
import { KeyField, Part, Pick, Rows, Text, Toggle } from "./fields";
import type { Form, Kind } from "./form";

const WEEK = [1, 2, 3, 4, 5, 6, 7];
const DAY = 24 * 60;
const zones = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));

const kind: Kind<Hours> = {
  list: "hours",
  blank: () => create(HoursSchema, { intervals: WEEK.slice(0, 5).map((weekday) => ({ weekday, fromMinute: 540, toMinute: 1_020 })) }),
  read: (centre, key) => centre.hours.find((hours) => hours.key === key),
  copy: (hours) => clone(HoursSchema, hours),
  same: (one, other) => equals(HoursSchema, one, other),
  key: (hours) => hours.key,
  save: (hours, _, versions) => [{ edit: { case: "put", value: { thing: { case: "hours", value: hours } } }, version: versions[`hours/${hours.key}`] ?? "" }],
  remove: (hours, versions) => [{ edit: { case: "remove", value: `hours/${hours.key}` }, version: versions[`hours/${hours.key}`] ?? "" }],
};

export function HoursEditor({ itemKey }: { itemKey: string }) {
  return (
    <Editor kind={kind} tab="hours" itemKey={itemKey} title={(hours) => hours.name || hours.key} what={t.admin.what.hours}>
      {(form, { centre }) => (
        <>
          <Part title={t.admin.basics}>
            <KeyField form={form} path="hours.key" get={(hours) => hours.key} set={(hours, value) => (hours.key = value)} />
            <Text form={form} path="hours.name" label={t.centre.name} get={(hours) => hours.name} set={(hours, value) => (hours.name = value)} />
            <Pick form={form} path="hours.time_zone" label={t.centre.zone} clearable placeholder={t.admin.hours.tenantZone(centre.tenant?.timeZone ?? "")} choices={zones} get={(hours) => hours.timeZone} set={(hours, value) => (hours.timeZone = value)} />
            <Toggle form={form} path="hours.closed" label={t.admin.closedNow} hint={t.admin.closedNowHint} color="red" get={(hours) => hours.closed} set={(hours, value) => (hours.closed = value)} />
          </Part>
          <Part title={t.admin.hours.week} hint={t.admin.hours.weekHint} wide>
            <Week form={form} />
          </Part>
          <Part title={t.centre.holidays} hint={t.admin.hours.holidaysHint} wide>
            <Holidays form={form} />
          </Part>
        </>
      )}
    </Editor>
  );
}

function Week({ form }: { form: Form<Hours> }) {
  const overlap = form.draft.intervals.map((_, place) => form.error(`hours.intervals[${place}]`)).find(Boolean);
  return (
    <div className={styles.week} role="group" aria-label={t.admin.hours.week}>
      {WEEK.map((weekday) => {
        const times = form.draft.intervals.filter((interval) => interval.weekday === weekday);
        const name = t.centre.weekdays[weekday] ?? "";
        return (
          <div key={weekday} style={{ display: "contents" }}>
            <span aria-hidden>{name}</span>
            <TimesField
              form={form}
              path={`hours.week.${weekday}`}
              label={t.admin.hours.openOn(name)}
              times={times}
              set={(hours, next) => {
                const rest = hours.intervals.filter((interval) => interval.weekday !== weekday);
                hours.intervals = sorted([...rest, ...next.map((each) => create(OpenIntervalSchema, { weekday, ...each }))]);
              }}
            />
            <Track times={times} />
          </div>
        );
      })}
      <div className={styles.scale} aria-hidden>
        {[0, 6, 12, 18, 24].map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </div>
      {overlap && (
        <p className="sb-error" style={{ gridColumn: "1 / -1", margin: 0 }}>
          {overlap}
        </p>
      )}
    </div>
  );
}

const sorted = (intervals: OpenInterval[]): OpenInterval[] => intervals.toSorted((a, b) => a.weekday - b.weekday || a.fromMinute - b.fromMinute);

function Track({ times }: { times: Times[] }) {
  return (
    <div className={styles.track} aria-hidden>
      {times.map((each, place) => (
        <i key={place} style={{ left: `${(each.fromMinute / DAY) * 100}%`, width: `${(Math.max(0, each.toMinute - each.fromMinute) / DAY) * 100}%` }} />
      ))}
    </div>
  );
}

/** `09:00-13:00, 14:00-18:00`; what is typed stays as it is typed. */
function TimesField({ form, path, label, times, set, visible = false }: { form: Form<Hours>; path: string; label: string; times: Times[]; set: (hours: Hours, times: Times[]) => void; visible?: boolean }) {
  const [text, setText] = useState(() => formatTimes(times));
  return (
    <TextInput
      label={visible ? label : undefined}
      aria-label={visible ? undefined : label}
      placeholder={t.admin.hours.closedDay}
      readOnly={form.readOnly}
      classNames={{ input: styles.mono ?? "" }}
      value={text}
      error={form.error(path)}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setText(value);
        const parsed = parseTimes(value);
        form.typed(path, parsed === "wrong" ? t.admin.hours.notTimes : undefined);
        if (parsed !== "wrong") form.change((hours) => set(hours, parsed));
      }}
    />
  );
}

function Holidays({ form }: { form: Form<Hours> }) {
  const edit = (place: number, mutate: (holiday: Hours["holidays"][number]) => void) => (hours: Hours) => {
    const holiday = hours.holidays[place];
    if (holiday) mutate(holiday);
  };
  return (
    <Rows
      rows={form.draft.holidays}
      readOnly={form.readOnly}
      add={() => form.change((hours) => hours.holidays.push(create(HolidaySchema)))}
      addLabel={t.admin.hours.addDay}
      remove={(place) => form.change((hours) => hours.holidays.splice(place, 1))}
      removeLabel={(place) => t.admin.hours.removeDay(form.draft.holidays[place]?.date || String(place + 1))}
    >
      {(holiday, place) => (
        <>
          <TextInput
            type="date"
            label={t.admin.hours.date}
            readOnly={form.readOnly}
            value={holiday.date}
            error={form.error(`hours.holidays[${holiday.date || place}].date`)}
            onChange={(event) => {
              const { value } = event.currentTarget;
              form.change(edit(place, (each) => (each.date = value)));
            }}
          />
          <Text form={form} path={`hours.holidays[${holiday.date || place}].name`} label={t.centre.name} get={(hours) => hours.holidays[place]?.name ?? ""} set={(hours, value) => edit(place, (each) => (each.name = value))(hours)} />
          <TimesField
            key={form.draft.holidays.length}
            form={form}
            path={`hours.holidays[${holiday.date || place}].intervals[0]`}
            label={t.admin.hours.openTimes}
            visible
            times={holiday.intervals}
            set={(hours, next) => edit(place, (each) => (each.intervals = next.map((times) => create(OpenIntervalSchema, times))))(hours)}
          />
        </>
      )}
    </Rows>
  );
}
