// Opening times as people write them: `09:00-13:00, 14:00-18:00`.
export interface Times {
  fromMinute: number;
  toMinute: number;
}

const DAY = 24 * 60;

export const formatMinute = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

export const formatTimes = (times: Times[]): string =>
  times
    .toSorted((a, b) => a.fromMinute - b.fromMinute)
    .map((each) => `${formatMinute(each.fromMinute)}-${formatMinute(each.toMinute)}`)
    .join(", ");

function parseMinute(text: string): number | undefined {
  const found = /^(\d{1,2})(?::(\d{2}))?$/.exec(text);
  if (!found) return undefined;
  const minute = Number(found[1]) * 60 + Number(found[2] ?? 0);
  return Number(found[2] ?? 0) < 60 && minute <= DAY ? minute : undefined;
}

/** The times, none for an empty text, `"wrong"` for what are none. */
export function parseTimes(text: string): Times[] | "wrong" {
  const times: Times[] = [];
  for (const part of text.split(",").map((each) => each.trim().replaceAll(" ", ""))) {
    if (part === "") continue;
    const [from, to, more] = part.split(/[-–]/).map(parseMinute);
    if (from === undefined || to === undefined || more !== undefined || part.split(/[-–]/).length !== 2) return "wrong";
    times.push({ fromMinute: from, toMinute: to });
  }
  return times;
}
