import type { Duration } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { formatSpan, parseSpan } from "./span";
import { formatTimes, parseTimes } from "./week";

it("a duration is read as it is written, and nothing else is one", () => {
  expect(["20s", "1m30s", "1h 30min", "500ms", "0s"].map((text) => formatSpan(parseSpan(text) as Duration))).toEqual(["20s", "1m30s", "1h30m", "0.5s", "0s"]);
  expect([parseSpan(""), parseSpan("20"), parseSpan("s"), parseSpan("-5s"), parseSpan("5 days")]).toEqual([undefined, "wrong", "wrong", "wrong", "wrong"]);
});

it("opening times are read as they are written, midnight at both ends", () => {
  expect(formatTimes(parseTimes("14-18:30, 9:00 – 13:00") as { fromMinute: number; toMinute: number }[])).toBe("09:00-13:00, 14:00-18:30");
  expect(parseTimes("00:00-24:00")).toEqual([{ fromMinute: 0, toMinute: 1440 }]);
  expect([parseTimes(""), parseTimes("9"), parseTimes("9-25"), parseTimes("9:60-10"), parseTimes("9-10-11")]).toEqual([[], "wrong", "wrong", "wrong", "wrong"]);
});
