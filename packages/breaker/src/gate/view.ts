import type { Known, StateName, View } from '../policy/state.js';

/** What this process knows of the fleet's state, on its own monotonic clock. */
export interface FleetView {
  readonly state: StateName;
  readonly epoch: number;
  /** When it is due or free (open, forced), or when a lease may be had (half-open). */
  readonly endsAtMs: number;
  readonly sinceMs: number;
  readonly opens: number;
  readonly reason: string;
  readonly by: string;
}

/** What a process takes for granted that has heard nothing. */
export const UNHEARD: FleetView = {
  state: 'closed',
  epoch: 0,
  endsAtMs: 0,
  sinceMs: Number.NEGATIVE_INFINITY,
  opens: 0,
  reason: '',
  by: '',
};

/** A view out of a reply or an announcement: it tells spans, so that no clocks are compared. */
export function heard({ remainingMs, ageMs, ...view }: View, nowMs: number): FleetView {
  const { state, epoch, opens, reason, by } = view;
  const sinceMs = epoch === 0 ? UNHEARD.sinceMs : nowMs - ageMs;
  return { state, epoch, opens, reason, by, endsAtMs: nowMs + remainingMs, sinceMs };
}

/** What is told to the store of a view. */
export function knownOf({ by: _by, endsAtMs, sinceMs, ...view }: FleetView, nowMs: number): Known {
  return {
    ...view,
    remainingMs: view.state === 'closed' ? 0 : Math.max(0, Math.round(endsAtMs - nowMs)),
    ageMs: view.epoch === 0 ? 0 : Math.max(0, Math.round(nowMs - sinceMs)),
  };
}
