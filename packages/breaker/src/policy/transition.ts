import { assertNever } from '@bulletproof/kernel';
import {
  decideForce,
  decideRead,
  decideRelease,
  type ForceReply,
  type ForceRequest,
  type ReadReply,
  type ReadRequest,
  type ReleaseReply,
  type ReleaseRequest,
} from './manual.js';
import {
  type AcquireReply,
  type AcquireRequest,
  decideAcquire,
  decideSettle,
  type SettleReply,
  type SettleRequest,
} from './probe.js';
import { decideReport, type ReportReply, type ReportRequest } from './report.js';
import type { Ask, BreakerRecord, Decision } from './state.js';

/** Everything that can happen to a breaker. */
export type BreakerEvent =
  | ReportRequest
  | AcquireRequest
  | SettleRequest
  | ForceRequest
  | ReleaseRequest
  | ReadRequest;

/** The reply to each kind of event. */
export interface Replies {
  readonly report: ReportReply;
  readonly acquire: AcquireReply;
  readonly settle: SettleReply;
  readonly force: ForceReply;
  readonly release: ReleaseReply;
  readonly read: ReadReply;
}

/** Any reply. */
export type Reply = Replies[keyof Replies];

/**
 * The whole state machine: the record as it was, an event and the time in; the record as it is, the reply and what is announced out.
 * The scripts of the Redis store do the same; a test compares them.
 */
export function transition(
  record: BreakerRecord,
  ask: Ask,
  request: BreakerEvent,
  nowMs: number,
): Decision<Reply> {
  switch (request.kind) {
    case 'report':
      return decideReport(record, { ask, request }, nowMs);
    case 'acquire':
      return decideAcquire(record, { ask }, nowMs);
    case 'settle':
      return decideSettle(record, { ask, request }, nowMs);
    case 'force':
      return decideForce(record, { ask, request }, nowMs);
    case 'release':
      return decideRelease(record, { ask, request }, nowMs);
    case 'read':
      return decideRead(record, { ask }, nowMs);
    default:
      return assertNever(request);
  }
}
