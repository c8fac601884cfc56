// Times as people read them: relative on the page, exact on hover.
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { t } from "../strings";

export const ms = (at: Timestamp | undefined): number | undefined => (at ? timestampMs(at) : undefined);
export const length = (lasts: Duration | undefined): number | undefined => (lasts ? durationMs(lasts) : undefined);

/** `0:07`, `12:40`, `1:02:03`. */
export function clock(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** `now`, `4m`, `2h`, `3d`. */
export function age(millis: number): string {
  const minutes = Math.floor(Math.max(0, millis) / 60_000);
  if (minutes < 1) return t.time.now;
  if (minutes < 60) return t.time.minutes(minutes);
  if (minutes < 24 * 60) return t.time.hours(Math.floor(minutes / 60));
  return t.time.days(Math.floor(minutes / (24 * 60)));
}

/** `4m ago`. */
export function ago(millis: number): string {
  return millis < 60_000 ? t.time.justNow : t.time.ago(age(millis));
}

const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const secondFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export const date = (millis: number): string => dateFormat.format(millis);
export const exact = (millis: number): string => exactFormat.format(millis);
export const timeOfDay = (millis: number): string => timeFormat.format(millis);
export const secondOfDay = (millis: number): string => secondFormat.format(millis);
export const day = (millis: number): string => dayFormat.format(millis);
