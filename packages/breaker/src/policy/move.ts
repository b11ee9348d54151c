import type { Ask, BreakerRecord, StateName } from './state.js';

/** Where a transition leads; what is left out stays. */
export interface Target {
  readonly state: StateName;
  readonly untilMs?: number;
  readonly opens?: number;
  readonly reason?: string;
}

/** Brings a breaker into another state, under a new epoch and without leases. */
export function moved(
  record: BreakerRecord,
  { state, untilMs = 0, opens = record.opens, reason = record.reason }: Target,
  ask: Ask,
  nowMs: number,
): BreakerRecord {
  return {
    ...record,
    state,
    // Of the server's time, so that it also grows when the store has lost the one before.
    epoch: Math.max(record.epoch + 1, nowMs),
    changedAtMs: nowMs,
    untilMs,
    opens,
    passed: 0,
    lapsed: 0,
    reason,
    by: ask.by,
    leases: new Map(),
  };
}

/** Opens a breaker for the time that its number of openings demands. */
export function opened(
  record: BreakerRecord,
  reason: string,
  ask: Ask,
  nowMs: number,
): BreakerRecord {
  const stable = record.state === 'closed' && nowMs - record.changedAtMs >= ask.limits.stableMs;
  const opens = stable ? 1 : record.opens + 1;
  const untilMs = nowMs + openTime(opens, ask);
  return moved(record, { state: 'open', untilMs, opens, reason }, ask, nowMs);
}

function openTime(opens: number, { limits, jitter }: Ask): number {
  const spanMs = Math.min(limits.maxOpenMs, limits.openMs * 2 ** (opens - 1));
  return Math.floor(spanMs * (1 + jitter));
}
