import { expect, test } from "vitest";
import { measure, sampleOf } from "./quality";

const sample = (change: object) => ({ received: 100, lost: 0, jitter: 0.002, roundTrip: 0.04, ...change });

test("a quiet line on a good network is good", () => {
  expect(measure(sample({ received: 50 }), sample({})).quality).toBe("good");
});

test("loss counts since the last look, in either direction", () => {
  const before = sample({ received: 1000, lost: 500 });

  expect(measure(before, sample({ received: 1100, lost: 500 })).quality).toBe("good");
  expect(measure(before, sample({ received: 1097, lost: 503 })).quality).toBe("fair");
  expect(measure(before, sample({ received: 1080, lost: 520 })).loss).toBeCloseTo(0.2);
  expect(measure(before, sample({ received: 1100, lost: 500, lostThere: 0.1 })).quality).toBe("poor");
});

test("a long way and uneven packets are told from a short one", () => {
  const judged = (change: object) => measure(undefined, sample(change)).quality;

  expect(judged({ roundTrip: 0.3 })).toBe("fair");
  expect(judged({ roundTrip: 0.8 })).toBe("poor");
  expect(judged({ jitter: 0.045 })).toBe("fair");
});

test("nothing heard is nothing known", () => {
  expect(measure(sample({}), sample({})).quality).toBe("unknown");
});

test("the browser's report is read whatever it lacks", () => {
  const report: [string, unknown][] = [
    ["a", { type: "inbound-rtp", kind: "audio", packetsReceived: 9, packetsLost: 1, jitter: 0.01 }],
    ["b", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.05 }],
    ["c", { type: "codec" }],
  ];

  expect(sampleOf(report)).toEqual({ received: 9, lost: 1, jitter: 0.01, roundTrip: 0.05 });
  expect(sampleOf([])).toEqual({ received: 0, lost: 0, jitter: 0 });
});
