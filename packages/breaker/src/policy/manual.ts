import { moved } from './move.js';
import { repaired } from './repair.js';
import { type Ask, type BreakerRecord, concluded, type Decision, type Told } from './state.js';

/** Somebody takes a breaker out of its own hands, for a time. */
export interface ForceRequest {
  readonly kind: 'force';
  readonly state: 'forced-open' | 'forced-closed';
  readonly ttlMs: number;
  readonly reason: string;
}

/** The answer to a force. */
export type ForceReply = { readonly tag: 'forced' } & Told;

/** Somebody gives a forced breaker back to itself. */
export interface ReleaseRequest {
  readonly kind: 'release';
  readonly reason: string;
}

/** The answer to a release. */
export type ReleaseReply =
  | ({ readonly tag: 'released' } & Told)
  /** It was not forced. */
  | ({ readonly tag: 'unforced' } & Told);

/** A process wants to know the state. */
export interface ReadRequest {
  readonly kind: 'read';
}

/** The answer to a read. */
export type ReadReply = { readonly tag: 'read' } & Told;

/** Forces a breaker open or closed until the time is over or it is released. */
export function decideForce(
  record: BreakerRecord,
  { ask, request }: { readonly ask: Ask; readonly request: ForceRequest },
  nowMs: number,
): Decision<ForceReply> {
  const { state, ttlMs, reason } = request;
  const target = { state, untilMs: nowMs + ttlMs, reason };
  const next = moved(repaired(record, ask, nowMs), target, ask, nowMs);
  return concluded(record, next, { answer: { tag: 'forced' }, ask, nowMs });
}

/** Ends a force: the breaker is closed and has forgotten how often it opened. */
export function decideRelease(
  record: BreakerRecord,
  { ask, request }: { readonly ask: Ask; readonly request: ReleaseRequest },
  nowMs: number,
): Decision<ReleaseReply> {
  const before = repaired(record, ask, nowMs);
  const answer = (tag: 'released' | 'unforced', next: BreakerRecord) =>
    concluded(record, next, { answer: { tag }, ask, nowMs });
  if (before.state !== 'forced-open' && before.state !== 'forced-closed') {
    return answer('unforced', before);
  }
  const target = { state: 'closed', opens: 0, reason: request.reason } as const;
  return answer('released', moved(before, target, ask, nowMs));
}

/** Tells the state. */
export function decideRead(
  record: BreakerRecord,
  { ask }: { readonly ask: Ask },
  nowMs: number,
): Decision<ReadReply> {
  const next = repaired(record, ask, nowMs);
  return concluded(record, next, { answer: { tag: 'read' }, ask, nowMs });
}
