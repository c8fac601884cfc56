import { expect, it } from "vitest";
import { age, ago, clock } from "./time";

it("a clock shows hours only when there are some", () => {
  expect([clock(0), clock(7_400), clock(760_000), clock(3_723_000), clock(-5)]).toEqual(["0:00", "0:07", "12:40", "1:02:03", "0:00"]);
});

it("an age has one unit", () => {
  expect([age(10_000), age(240_000), age(2 * 3_600_000), age(3 * 86_400_000)]).toEqual(["now", "4m", "2h", "3d"]);
  expect(ago(30_000)).toBe("just now");
});
