/**
 * The store of call records: one idempotent transition an operation.
 *
 * Replaying an operation changes nothing and answers the same; only a repeated `admit` says `known` (with the id,
 * token and generation that it was admitted with), a repeated `redeliver` says `moved`, and a repeated `discard` finds
 * nothing. Whoever was granted a call holds a fencing token; an operation that presents an older one is refused with
 * `lost`. Empty texts are kept as undefined.
 */

/** Where a call's record lives: under its idempotency key, or under its own id. */
export interface RecordAddress {
  readonly kind: 'key' | 'call';
  /** Digest of job name and key, or the call id. */
  readonly name: string;
}

/** State of a record; `delayed` is BullMQ's business and looks like `waiting` here. */
export type RecordState = 'waiting' | 'running' | 'snoozed' | 'done' | 'dead' | 'cancelled';

/** One run of a call, as it presents itself to the store. */
export interface RunRef {
  readonly address: RecordAddress;
  readonly id: string;
  /** Digest of the canonical JSON of the input; empty for an anonymous call. */
  readonly digest: string;
  readonly queue: string;
  /** Which re-creation of the delivery this is, from 1. */
  readonly generation: number;
  /** BullMQ's `attemptsStarted` of the delivery, from 1. */
  readonly start: number;
  /** Fencing token of the run; for a claim, the one the delivery carries. */
  readonly token: number;
  /** Life in ms of an anonymous call's record; 0 for a recorded call, whose record lives until it is settled. */
  readonly ttlMs: number;
}

export interface AdmitRequest {
  readonly address: RecordAddress;
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  /** JSON from which the delivery can be made again. */
  readonly envelope: string;
}

export type AdmitReply =
  | {
      readonly tag: 'admitted';
      readonly token: number;
      readonly generation: number;
      /** How often the effect of the key was undone before. */
      readonly undone: number;
    }
  | {
      readonly tag: 'known';
      readonly id: string;
      readonly state: string;
      readonly queue: string;
      readonly token: number;
      readonly generation: number;
      readonly envelope?: string | undefined;
    }
  | { readonly tag: 'conflict'; readonly id: string };

export type ClaimReply =
  | {
      readonly tag: 'claimed';
      readonly token: number;
      /** How often the effect of the key was undone before. */
      readonly undone: number;
      /** Recorded steps as name, JSON, name, JSON, … in no order; '' stands for undefined. */
      readonly steps: readonly string[];
    }
  | { readonly tag: 'held'; readonly leaseLeftMs: number }
  | { readonly tag: 'done'; readonly result?: string | undefined }
  | { readonly tag: 'dead' }
  | { readonly tag: 'cancelled'; readonly reason?: string | undefined }
  | { readonly tag: 'superseded'; readonly id: string }
  | { readonly tag: 'stale' };

export type RenewReply =
  | { readonly tag: 'kept' }
  | { readonly tag: 'lost' }
  | { readonly tag: 'cancelled'; readonly reason?: string | undefined }
  | { readonly tag: 'unknown' };

export type StepReply = { readonly tag: 'recorded' } | { readonly tag: 'lost' };

export type ReleaseReply = { readonly tag: 'released' } | Exclude<RenewReply, { tag: 'kept' }>;

export type CompleteReply =
  | { readonly tag: 'completed' }
  | { readonly tag: 'cancelled'; readonly reason?: string | undefined }
  | { readonly tag: 'lost' };

export type BuryReply = { readonly tag: 'buried' } | Exclude<CompleteReply, { tag: 'completed' }>;

/** `moved`: the record is another call's, or the call is not done. */
export type UndoReply =
  | { readonly tag: 'undone'; readonly times: number }
  | { readonly tag: 'moved' };

export interface CancelRequest {
  readonly address: RecordAddress;
  readonly id: string;
  readonly reason: string;
  /** Queue of a record that is made here. */
  readonly queue: string;
  /** Make a record where there is none: an anonymous call that BullMQ knows. */
  readonly create: boolean;
  /** Nobody runs it; false: a run may be at work, and keeps its lease until it has stopped. */
  readonly idle: boolean;
  readonly leaseMs: number;
  readonly keepMs: number;
}

export type CancelReply =
  | { readonly tag: 'cancelled'; readonly queue: string; readonly generation: number }
  | { readonly tag: 'settled'; readonly state: string }
  | { readonly tag: 'superseded'; readonly id: string }
  | { readonly tag: 'unknown' };

export interface ReviveRequest {
  readonly address: RecordAddress;
  readonly id: string;
  readonly digest: string;
  readonly queue: string;
  readonly envelope: string;
  readonly ttlMs: number;
}

export type ReviveReply =
  | { readonly tag: 'revived'; readonly token: number; readonly generation: number }
  /** Without an id: the newer call's record is gone, too. */
  | { readonly tag: 'superseded'; readonly id?: string | undefined }
  | { readonly tag: 'unknown'; readonly state?: string | undefined };

/** A record that is not settled, and what leads to its delivery. */
export interface OpenRecord {
  readonly address: RecordAddress;
  readonly id: string;
  readonly queue: string;
  readonly generation: number;
}

/** Where a call goes with its new delivery. */
export interface Move {
  readonly queue: string;
  /** JSON from which the delivery can be made again. */
  readonly envelope: string;
}

export type RedeliverReply =
  | {
      readonly tag: 'redelivered';
      readonly token: number;
      readonly generation: number;
      readonly envelope: string;
    }
  | { readonly tag: 'held'; readonly leaseLeftMs: number }
  | { readonly tag: 'moved' };

export type InspectReply =
  | {
      readonly tag: 'found';
      readonly id: string;
      readonly state: string;
      readonly queue: string;
      readonly generation: number;
      readonly token: number;
      readonly start: number;
      readonly leaseLeftMs: number;
      readonly enqueuedAtMs?: number | undefined;
      readonly finishedAtMs?: number | undefined;
      readonly snoozedUntilMs?: number | undefined;
      readonly result?: string | undefined;
      readonly reason?: string | undefined;
      readonly envelope?: string | undefined;
      readonly story?: string | undefined;
      readonly diedAtMs?: number | undefined;
      /** Why the call of this id was cancelled, also after another call has taken its key's record. */
      readonly cancelledFor?: string | undefined;
    }
  | { readonly tag: 'pointer'; readonly address: string }
  | {
      readonly tag: 'missing';
      readonly story?: string | undefined;
      readonly diedAtMs?: number | undefined;
      /** Why the call of this id was cancelled, also after another call has taken its key's record. */
      readonly cancelledFor?: string | undefined;
    };

/** An id of the dead set and the time of its death, epoch ms. */
export interface DeadEntry {
  readonly id: string;
  readonly diedAtMs: number;
}

/** Operations on call records. Implementations: `stores/memory.ts` (the specification) and `stores/redis.ts`. */
export interface RecordStore {
  /** Admits a call under its record, or answers which call already holds it. */
  admit(request: AdmitRequest): Promise<AdmitReply>;
  /** Makes one run the newest holder of its call, or says why it must not run. */
  claim(run: RunRef, leaseMs: number): Promise<ClaimReply>;
  /** Extends the lease of a run that goes on, and tells it when it must stop. */
  renew(run: RunRef, leaseMs: number): Promise<RenewReply>;
  /** Records a step's result (JSON; undefined for undefined), also for a run that was cancelled or has given its call back. */
  step(run: RunRef, name: string, value: string | undefined, leaseMs: number): Promise<StepReply>;
  /**
   * Ends a run that did not settle its call; `untilMs` is the end of a snooze, `create` makes a missing record. An
   * anonymous call's record lives for `ttlMs` after that end.
   */
  release(
    run: RunRef,
    options: { readonly untilMs?: number; readonly create: boolean },
  ): Promise<ReleaseReply>;
  /** Settles a call as done; the record answers for `keepForMs` more. */
  complete(run: RunRef, result: string | undefined, keepForMs: number): Promise<CompleteReply>;
  /** Settles a call as dead with its story (JSON), kept for `keepMs`. */
  bury(run: RunRef, story: string, keepMs: number): Promise<BuryReply>;
  /** Frees the key of a call whose effect was undone, for another effect; the record says so for `keepMs` more. */
  undo(address: RecordAddress, id: string, keepMs: number): Promise<UndoReply>;
  /** Cancels a call that is not settled. */
  cancel(request: CancelRequest): Promise<CancelReply>;
  /** Brings a dead call back with its recorded steps. */
  revive(request: ReviveRequest): Promise<ReviveReply>;
  /**
   * Raises the generation of an open call whose delivery is lost or, with `move`, goes to another queue; `moved` when it is not what the caller saw any
   * more, or nothing is kept that a delivery could be made from.
   */
  redeliver(
    address: RecordAddress,
    id: string,
    generation: number,
    move?: Move,
  ): Promise<RedeliverReply>;
  /**
   * Records of recorded calls that are not settled and were admitted at or before `beforeMs`, in parts and in no order.
   * One that is open throughout is listed at least once.
   */
  survey(beforeMs: number): AsyncIterable<readonly OpenRecord[]>;
  /** Forgets a dead call's story; false when there was none. */
  discard(address: RecordAddress, id: string): Promise<boolean>;
  /** Reads the record at an address and the story of a dead call of this id. */
  inspect(address: RecordAddress, id: string): Promise<InspectReply>;
  /**
   * Binds an explicit id to the record of its key; false when the id means another call. To runs of a call that had the
   * id before it is as if another call (of the id '') held their record.
   */
  point(id: string, target: RecordAddress, ttlMs: number): Promise<boolean>;
  /** Dead calls, newest first, that died at or before `beforeMs`. */
  listDead(options: { readonly beforeMs?: number; readonly count: number }): Promise<DeadEntry[]>;
}
