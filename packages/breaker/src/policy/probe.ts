import { moved, opened } from './move.js';
import { repaired } from './repair.js';
import { type Ask, type BreakerRecord, concluded, type Decision, type Told } from './state.js';

/** So many leases may expire before the breaker opens again: the probe itself may be what kills its holders. */
export const MAX_LAPSES = 3;

/** A process asks for the lease of a probe. */
export interface AcquireRequest {
  readonly kind: 'acquire';
}

/** The answer to an acquire. */
export type AcquireReply =
  | ({ readonly tag: 'granted'; readonly token: number } & Told)
  /** `remainingMs` tells when to ask again. */
  | ({ readonly tag: 'denied' } & Told)
  /** The breaker is closed: no probe is needed. */
  | ({ readonly tag: 'free' } & Told);

/** How a probe ended; `abandoned`: it never reached the dependency. */
export type ProbeOutcome = 'passed' | 'failed' | 'abandoned';

/** The holder of a lease tells how its probe ended. */
export interface SettleRequest {
  readonly kind: 'settle';
  readonly token: number;
  readonly outcome: ProbeOutcome;
}

/** The answer to a settle. */
export type SettleReply =
  | ({ readonly tag: 'settled' } & Told)
  /** Ignored: the lease has expired, or the breaker is in another state by now. */
  | ({ readonly tag: 'stale' } & Told);

/** Grants the lease of a probe when the breaker is due and a lease is free. */
export function decideAcquire(
  record: BreakerRecord,
  { ask }: { readonly ask: Ask },
  nowMs: number,
): Decision<AcquireReply> {
  const before = { ...repaired(record, ask, nowMs), config: ask.config };
  const answer = (tag: 'denied' | 'free', next: BreakerRecord = before) =>
    concluded(record, next, { answer: { tag }, ask, nowMs });
  const { state, untilMs } = before;
  if (state === 'closed' || state === 'forced-closed') return answer('free');
  if (state === 'forced-open' || (state === 'open' && nowMs < untilMs)) return answer('denied');
  const half = state === 'half-open' ? before : moved(before, { state: 'half-open' }, ask, nowMs);
  const current = withoutLapsed(half, ask, nowMs);
  if (current.lapsed >= MAX_LAPSES) {
    return answer('denied', opened(current, 'lease-expired', ask, nowMs));
  }
  if (current.leases.size >= ask.limits.probes) return answer('denied', current);
  const token = Math.max(current.lastToken + 1, nowMs * 1000);
  const leases = new Map(current.leases).set(token, nowMs + ask.limits.leaseMs);
  const next = { ...current, leases, lastToken: token };
  return concluded(record, next, { answer: { tag: 'granted', token }, ask, nowMs });
}

/** Takes away the leases that have expired, and shortens those that a jump of the clock has made longer than a lease can be. */
function withoutLapsed(record: BreakerRecord, { limits }: Ask, nowMs: number): BreakerRecord {
  const leases = new Map<number, number>();
  let lapsed = record.lapsed;
  for (const [token, untilMs] of record.leases) {
    if (untilMs <= nowMs) lapsed += 1;
    else leases.set(token, Math.min(untilMs, nowMs + limits.leaseMs));
  }
  return { ...record, leases, lapsed };
}

/** Ends a probe: success closes the breaker, failure opens it again. */
export function decideSettle(
  record: BreakerRecord,
  { ask, request }: { readonly ask: Ask; readonly request: SettleRequest },
  nowMs: number,
): Decision<SettleReply> {
  const before = repaired(record, ask, nowMs);
  const answer = (tag: 'settled' | 'stale', next: BreakerRecord) =>
    concluded(record, next, { answer: { tag }, ask, nowMs, freed: tag === 'settled' });
  const untilMs = before.leases.get(request.token);
  // A holder that was paused beyond its lease is not heard, also when nobody has taken over yet.
  if (before.state !== 'half-open' || untilMs === undefined || untilMs <= nowMs) {
    return answer('stale', before);
  }
  if (request.outcome === 'failed') {
    return answer('settled', opened(before, 'probe-failed', ask, nowMs));
  }
  const leases = new Map(before.leases);
  leases.delete(request.token);
  if (request.outcome === 'abandoned') return answer('settled', { ...before, leases });
  const passed = before.passed + 1;
  return answer(
    'settled',
    passed >= ask.limits.successes
      ? moved(before, { state: 'closed', reason: 'recovered' }, ask, nowMs)
      : { ...before, leases, passed },
  );
}
