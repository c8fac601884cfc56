// Durations as people write them: `20s`, `1m30s`, `1h`.
import type { Duration } from "@bufbuild/protobuf/wkt";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** The duration, nothing for an empty text, `"wrong"` for what is none. */
export function parseSpan(text: string): Duration | undefined | "wrong" {
  const written = text.trim().toLowerCase().replaceAll(" ", "");
  if (written === "") return undefined;
  let rest = written;
  let millis = 0;
  while (rest !== "") {
    const part = /^(\d+(?:\.\d+)?)(ms|min|m|s|h)/.exec(rest);
    if (!part) return "wrong";
    millis += Number(part[1]) * (UNITS[part[2] ?? ""] ?? 0);
    rest = rest.slice(part[0].length);
  }
  return durationFromMs(Math.round(millis));
}

export function formatSpan(duration: Duration | undefined): string {
  if (!duration) return "";
  const millis = durationMs(duration);
  const hours = Math.floor(millis / 3_600_000);
  const minutes = Math.floor(millis / 60_000) % 60;
  const seconds = (millis % 60_000) / 1_000;
  const part = (value: number, unit: string) => (value > 0 ? `${value}${unit}` : "");
  return part(hours, "h") + part(minutes, "m") + part(seconds, "s") || "0s";
}
