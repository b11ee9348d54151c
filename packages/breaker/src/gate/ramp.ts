import type { FleetView } from './view.js';

/** The share of calls that is let through right after a recovery. */
const FIRST_SHARE = 0.1;

/** True while a breaker that has recovered lets only some calls pass. */
export function isRamping(
  { state, reason, sinceMs }: FleetView,
  { rampMs }: { readonly rampMs: number },
  nowMs: number,
): boolean {
  return state === 'closed' && reason === 'recovered' && nowMs - sinceMs < rampMs;
}

/** The share of calls that may pass so long after a recovery: it grows by the same factor in equal times, in all processes alike. */
export function admissionAt(ageMs: number, rampMs: number): number {
  if (ageMs >= rampMs) return 1;
  return FIRST_SHARE ** (1 - Math.max(0, ageMs) / rampMs);
}
