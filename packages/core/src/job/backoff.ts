/** How long to wait between attempts, in milliseconds. */
export interface ResolvedBackoff {
  readonly type: 'fixed' | 'exponential';
  readonly delayMs: number;
  readonly maxMs: number;
  /** The share of the delay that is random, 0 to 1. */
  readonly jitter: number;
}

/**
 * The delay in whole milliseconds after attempt number `attempt` (from 1) has failed.
 *
 * The base is `delayMs`, doubled with each further attempt when exponential, and capped at `maxMs`.
 * Jitter only shortens: the result is uniform in `[base * (1 - jitter), base]`. So it never exceeds
 * the cap, and calls that reached the cap still spread instead of meeting there.
 *
 * @param random a number in [0, 1), such as `Math.random()`
 */
export function backoffDelay(backoff: ResolvedBackoff, attempt: number, random: number): number {
  const { type, delayMs, maxMs, jitter } = backoff;
  // 2 ** 1024 is Infinity, and 0 * Infinity is NaN: the exponent is bounded, the cap does the rest
  const factor = type === 'fixed' ? 1 : 2 ** Math.min(attempt - 1, 1000);
  const base = Math.min(delayMs * factor, maxMs);
  return Math.round(base * (1 - jitter * random));
}
