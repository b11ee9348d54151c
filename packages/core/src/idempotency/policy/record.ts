import type { RecordState, RunRef } from '../store.js';

/** What is kept under an address. */
export interface CallRecord {
  readonly id: string;
  readonly state: RecordState;
  readonly digest: string;
  readonly queue: string;
  readonly generation: number;
  readonly start: number;
  readonly token: number;
  readonly enqueuedAtMs: number | undefined;
  readonly leaseUntilMs?: number | undefined;
  readonly finishedAtMs?: number | undefined;
  readonly snoozedUntilMs?: number | undefined;
  readonly result?: string | undefined;
  readonly reason?: string | undefined;
  readonly envelope?: string | undefined;
  readonly steps: ReadonlyMap<string, string>;
  /** How often its effect was undone. */
  readonly undone?: number | undefined;
  /** When the record is forgotten, epoch ms; absent: never. */
  readonly expiresAtMs?: number | undefined;
}

/** A reply, and the record that stands afterwards when it changed. */
export interface Decision<Reply> {
  readonly reply: Reply;
  readonly next?: CallRecord;
}

/** The steps of a record that has none. */
export const NO_STEPS: ReadonlyMap<string, string> = new Map();

/** A fresh token: greater than every one before it, and than any that a lost record may have given out. */
export function nextToken(nowMs: number, ...before: number[]): number {
  return Math.max(nowMs * 1000, ...before.map((token) => token + 1));
}

/** When a record expires after a write at `fromMs` with `ttlMs` (0: as before). */
export function expiry(fromMs: number, ttlMs: number, record?: CallRecord): number | undefined {
  return ttlMs > 0 ? fromMs + ttlMs : record?.expiresAtMs;
}

/** A record made for a run whose call has none. */
export function made(run: RunRef, nowMs: number): CallRecord {
  return {
    id: run.id,
    state: 'running',
    digest: run.digest,
    queue: run.queue,
    generation: run.generation,
    start: run.start,
    token: run.token,
    enqueuedAtMs: nowMs,
    steps: NO_STEPS,
  };
}

/** What a run leaves on the record it holds. */
export function heldBy(run: RunRef): Pick<CallRecord, 'generation' | 'start' | 'token'> {
  return { generation: run.generation, start: run.start, token: run.token };
}

/** True when the run may write no more: another call or a newer run holds the record. */
export function isStale(record: CallRecord, run: RunRef): boolean {
  return record.id !== run.id || record.token > run.token;
}

/** True when this very run has given its call back: it has no lease any more that could be extended. */
export function isReleased(record: CallRecord, run: RunRef): boolean {
  return (
    (record.state === 'waiting' || record.state === 'snoozed') &&
    record.generation === run.generation &&
    record.start === run.start
  );
}

/** True when the call has ended for good. */
export const isSettled = (record: CallRecord): boolean =>
  record.state === 'done' || record.state === 'dead';
