import { moved } from './move.js';
import type { Ask, BreakerRecord } from './state.js';

/** What every request does first: puts back what the store has lost, ends what time has ended. */
export function repaired(record: BreakerRecord, ask: Ask, nowMs: number): BreakerRecord {
  return sane(freed(restored(record, ask, nowMs), ask, nowMs), ask, nowMs);
}

/** Adopts what the asking process knows when that is newer: after a flush, an eviction or a failover. */
function restored(record: BreakerRecord, { known, by }: Ask, nowMs: number): BreakerRecord {
  if (known.epoch <= record.epoch) return record;
  // The leases are lost: half-open becomes open and due, so that the next probe begins anew.
  const wasHalfOpen = known.state === 'half-open';
  const leftMs = wasHalfOpen ? 0 : known.remainingMs;
  return {
    ...record,
    state: wasHalfOpen ? 'open' : known.state,
    epoch: known.epoch,
    changedAtMs: nowMs - known.ageMs,
    untilMs: known.state === 'closed' ? 0 : nowMs + leftMs,
    opens: known.opens,
    passed: 0,
    lapsed: 0,
    reason: known.reason,
    by,
    leases: new Map(),
  };
}

function freed(record: BreakerRecord, ask: Ask, nowMs: number): BreakerRecord {
  const { state, untilMs } = record;
  if ((state !== 'forced-open' && state !== 'forced-closed') || nowMs < untilMs) return record;
  return moved(record, { state: 'closed', opens: 0, reason: 'force-expired' }, ask, nowMs);
}

/** After a failover the clock may be behind: an open breaker is never due later than it could have been meant to. */
function sane(record: BreakerRecord, { limits }: Ask, nowMs: number): BreakerRecord {
  // Jitter at most doubles an open time.
  return record.state === 'open' && record.untilMs > nowMs + 2 * limits.maxOpenMs
    ? { ...record, untilMs: nowMs + limits.maxOpenMs }
    : record;
}
