// How good the line is, out of what the browser measures. Pure.

export type Quality = "good" | "fair" | "poor" | "unknown";

/** What one look at the statistics shows; counters grow. */
export interface Sample {
  received: number;
  lost: number;
  /** Seconds. */
  jitter: number;
  /** Seconds, of the path or of the reports; unknown at first. */
  roundTrip?: number | undefined;
  /** Share of our packets that the centre missed lately. */
  lostThere?: number | undefined;
}

export interface Measured {
  quality: Quality;
  roundTripMs: number;
  jitterMs: number;
  /** The worse of both directions, 0 to 1, since the sample before. */
  loss: number;
}

/** Beyond these a talk begins to suffer; beyond twice that it is hard (after ITU-T G.114 and G.107 for G.711 with concealment). */
const FAIR = { roundTripMs: 250, jitterMs: 30, loss: 0.02 };
const POOR = { roundTripMs: 500, jitterMs: 60, loss: 0.05 };

export function measure(before: Sample | undefined, now: Sample): Measured {
  const received = now.received - (before?.received ?? 0);
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const lossHere = received + lost > 0 ? lost / (received + lost) : 0;
  const measured = {
    roundTripMs: (now.roundTrip ?? 0) * 1000,
    jitterMs: now.jitter * 1000,
    loss: Math.max(lossHere, now.lostThere ?? 0),
  };
  return { quality: judge(measured, received > 0), ...measured };
}

function judge(measured: Omit<Measured, "quality">, heard: boolean): Quality {
  if (!heard) return "unknown";
  const beyond = (limit: typeof FAIR) =>
    measured.roundTripMs > limit.roundTripMs || measured.jitterMs > limit.jitterMs || measured.loss > limit.loss;
  return beyond(POOR) ? "poor" : beyond(FAIR) ? "fair" : "good";
}

/** Reads a sample out of the browser's report. */
export function sampleOf(report: Iterable<[string, unknown]>): Sample {
  const sample: Sample = { received: 0, lost: 0, jitter: 0 };
  for (const [, each] of report) {
    const stats = each as Record<string, unknown>;
    const number = (key: string) => (typeof stats[key] === "number" ? stats[key] : undefined);
    if (stats["type"] === "inbound-rtp" && stats["kind"] === "audio") {
      sample.received = number("packetsReceived") ?? 0;
      sample.lost = number("packetsLost") ?? 0;
      sample.jitter = number("jitter") ?? 0;
    } else if (stats["type"] === "remote-inbound-rtp") {
      sample.lostThere = number("fractionLost");
      sample.roundTrip ??= number("roundTripTime");
    } else if (stats["type"] === "candidate-pair" && stats["nominated"] === true) {
      sample.roundTrip = number("currentRoundTripTime") ?? sample.roundTrip;
    }
  }
  return sample;
}
