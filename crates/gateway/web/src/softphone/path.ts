// Why there is no way for the sound, out of what the browser noticed while it looked for one. Pure.

/** No relay is configured; it refuses our credentials; it does not answer; it answers, and the centre is not reached through it. */
export type NoPath = "noRelay" | "refused" | "silent" | "blocked";

export interface Search {
  /** Relays (TURN) that the centre told us of. */
  relays: number;
  /** Places of our own at a relay: it has let us in. */
  relayed: number;
  /** What relays answered, as STUN error codes (RFC 8656); 701: nothing. */
  errors: number[];
}

const NOTHING_CAME = 701;

export function noPath({ relays, relayed, errors }: Search): NoPath {
  if (relays === 0) return "noRelay";
  if (relayed > 0) return "blocked";
  return errors.some((code) => code !== NOTHING_CAME) ? "refused" : "silent";
}

export const isRelay = (url: string): boolean => url.startsWith("turn:") || url.startsWith("turns:");
