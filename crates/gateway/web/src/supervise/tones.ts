// When a figure is worth a colour.
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { AgentLive, QueueLive } from "../gen/switchboard/analytics/v1/service_pb";
import { AgentState } from "../gen/switchboard/router/v1/types_pb";
import { t } from "../strings";

const DEFAULT_WITHIN_MS = 20_000;
/** States that should be short, and when they have been too long. */
const LONG_MS: Partial<Record<AgentState, number>> = {
  [AgentState.OFFERED]: 60_000,
  [AgentState.WRAP_UP]: 5 * 60_000,
  [AgentState.NOT_RESPONDING]: 0,
};

export const percent = (share: number | undefined): string => (share === undefined ? t.live.none : `${Math.round(share * 100)} %`);
export const levelTone = (share: number | undefined) => (share === undefined ? undefined : share >= 0.8 ? "good" : share >= 0.6 ? "warn" : "bad");
export const abandonTone = (share: number | undefined) => (share === undefined ? undefined : share > 0.1 ? "bad" : share > 0.05 ? "warn" : "good");
/** A wait is long when the service level is missed, and very long at three times that. */
export const waitTone = (wait: number | undefined, within: number) =>
  wait === undefined ? undefined : wait > within * 3 ? "bad" : wait > within ? "warn" : undefined;

export const withinOf = (queue: QueueLive): number => (queue.serviceLevelWithin ? durationMs(queue.serviceLevelWithin) : DEFAULT_WITHIN_MS);
export const waitOf = (queue: QueueLive, now: number): number | undefined =>
  queue.waiting > 0 && queue.oldestQueuedAt ? now - timestampMs(queue.oldestQueuedAt) : undefined;
export const abandonOf = (queue: QueueLive): number | undefined => (queue.offered > 0 ? queue.abandoned / queue.offered : undefined);

export const isLong = (agent: AgentLive, now: number): boolean => {
  const long = LONG_MS[agent.state];
  return long !== undefined && agent.since !== undefined && now - timestampMs(agent.since) > long;
};
