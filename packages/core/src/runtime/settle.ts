import {
  type Clock,
  classifyRedisError,
  isBulletproofError,
  MAX_DURATION_MS,
  serializeError,
  type TypedEmitter,
} from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { BuryReply, CompleteReply, RecordStore, ReleaseReply } from '../idempotency/store.js';
import { isDiscard, isSnooze, retryAfterOf } from '../job/control.js';
import type { JobEvents, JobRunEvent } from '../job/events.js';
import { backoffDelay, type RegisteredJob } from '../job/internal.js';
import { DiscardedError, JobCancelledError } from '../job/run-errors.js';
import type { DeadStory } from './dead-story.js';
import type { Outcome } from './queue-port.js';
import type { Run } from './run.js';
import { storableJson } from './storable.js';
import { toError } from './thrown.js';

/** Share of an asked-for wait that is added at random, so that parked calls do not come back as one herd. */
const SNOOZE_JITTER = 0.1;
const RETRY_WRITE_MS = { first: 100, most: 2_000 };

/** What settling works with. */
export interface SettleParts {
  readonly store: RecordStore;
  readonly events: TypedEmitter<JobEvents>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly keepResultForMs: number;
  readonly keepDeadForMs: number;
  readonly maxPayloadBytes: number;
}

/** What a handler returned, as it is and as JSON. */
interface Returned {
  readonly value: unknown;
  readonly json: string | undefined;
  readonly startedAt: number;
}

/** Turns the end of a run into a transition of the call's record, and that into the outcome for the queue. */
export class Settle {
  readonly #parts: SettleParts;

  constructor(parts: SettleParts) {
    this.#parts = parts;
  }

  /** The handler, started at `startedAt` (monotonic ms), returned. A promise only when the record must be told. */
  complete(
    run: Run,
    job: RegisteredJob,
    value: unknown,
    startedAt: number,
  ): Outcome | Promise<Outcome> {
    const { maxPayloadBytes } = this.#parts;
    let json: string | undefined;
    try {
      json = storableJson(value, { job: run.fetched.name, maxBytes: maxPayloadBytes });
    } catch (error) {
      return this.bury(run, toError(error));
    }
    // BullMQ keeps null for undefined, too: a result that is null needs a record to say so.
    const returned: Returned = { value, json, startedAt };
    if (run.tracked || json === 'null') return this.#record(run, job, returned);
    if (run.isLeaseOver) return this.#refused(run, { tag: 'lost' });
    return this.#completed(run, returned);
  }

  /** The handler threw, or the run was stopped from outside. */
  async fail(run: Run, job: RegisteredJob, thrown: unknown, durationMs: number): Promise<Outcome> {
    run.recording = true;
    switch (run.interruption) {
      case 'lease-lost':
        return this.#refused(run, { tag: 'lost' });
      case 'shutdown':
      case 'handed-back':
        return this.#release(run, { kind: 'again' });
      case 'cancelled':
        return this.#stopped(run);
      default:
    }
    // BullMQ's lock is gone, too: the call goes on elsewhere, and this attempt was none.
    if (run.isLeaseOver) return this.#refused(run, { tag: 'lost' });
    if (isSnooze(thrown)) return this.#snooze(run, thrown.delayMs, thrown.reason);
    const retryAfterMs = retryAfterOf(thrown);
    if (retryAfterMs !== undefined) {
      const jitter = 1 + SNOOZE_JITTER * this.#parts.random();
      // Anyone may have written that number: one that is no time would be refused by Redis again and again.
      const delayMs = Math.min(Math.ceil(retryAfterMs * jitter), MAX_DURATION_MS);
      return this.#snooze(run, delayMs, toError(thrown).message);
    }
    if (isDiscard(thrown)) {
      return this.bury(run, new DiscardedError(run.fetched.name, run.ref.id, thrown.reason));
    }
    const error = toError(thrown);
    const { attemptsMade, maxAttempts } = run.fetched;
    const isLast =
      attemptsMade + 1 >= maxAttempts || isFatal(run, thrown) || isUnrecoverable(error);
    if (isLast) return this.bury(run, error);

    const delayMs = backoffDelay(job.resolved.backoff, attemptsMade + 1, this.#parts.random());
    const outcome = await this.#release(run, { kind: 'retry', error, delayMs });
    if (outcome.kind === 'retry') {
      this.#parts.events.emit('job.failed', {
        ...this.runEvent(run),
        error,
        durationMs,
        delayMs,
      });
    }
    return outcome;
  }

  /** Ends the call as dead: its story is kept, its key is free again. */
  async bury(run: Run, error: Error): Promise<Outcome> {
    const { store, events, keepDeadForMs } = this.#parts;
    run.recording = true;
    const { delivery, attemptsMade, maxAttempts } = run.fetched;
    const story: DeadStory = {
      delivery,
      error: serializeError(error),
      attempts: Math.min(attemptsMade + 1, maxAttempts),
      maxAttempts,
    };
    const text = JSON.stringify(story);
    const reply = await this.persist(run, () => store.bury(run.ref, text, keepDeadForMs));
    if (reply.tag !== 'buried') return this.#refused(run, reply);
    events.emit('job.dead', { ...this.runEvent(run), error });
    return { kind: 'dead', error };
  }

  /**
   * Writes a transition, again and again while Redis cannot take it (away, read-only, out of memory), for as long
   * as the process lives: the token decides whether it still counts when it arrives.
   */
  async persist<T>(run: Run, write: () => Promise<T>): Promise<T> {
    let waitMs = RETRY_WRITE_MS.first;
    for (;;) {
      try {
        return await write();
      } catch (error) {
        const passing = classifyRedisError(error);
        if (passing === undefined || run.interruption === 'handed-back') throw error;
        this.#parts.logger.warn(
          { err: error, callId: run.ref.id, why: passing, retryInMs: waitMs },
          'Redis did not take a transition; trying again',
        );
        await this.#parts.clock.sleep(waitMs);
        waitMs = Math.min(waitMs * 2, RETRY_WRITE_MS.most);
      }
    }
  }

  /** What every event of this run carries. */
  runEvent(run: Run): JobRunEvent {
    const { fetched } = run;
    const key = fetched.delivery.idempotencyKey;
    return {
      id: run.ref.id,
      name: fetched.name,
      queue: fetched.queue,
      attempt: fetched.attemptsMade + 1,
      ...(key === undefined ? {} : { key }),
    };
  }

  async #record(run: Run, job: RegisteredJob, returned: Returned): Promise<Outcome> {
    const { store, keepResultForMs } = this.#parts;
    const keepForMs = run.fetched.delivery.idempotencyKey
      ? job.resolved.keepForMs
      : keepResultForMs;
    const reply = await this.persist(run, () => store.complete(run.ref, returned.json, keepForMs));
    return reply.tag === 'completed' ? this.#completed(run, returned) : this.#refused(run, reply);
  }

  #completed(run: Run, { value, json, startedAt }: Returned): Outcome {
    const { events, clock } = this.#parts;
    if (events.has('job.completed')) {
      const durationMs = clock.monotonicMs() - startedAt;
      events.emit('job.completed', { ...this.runEvent(run), result: value, durationMs });
    }
    return { kind: 'completed', value: json === undefined ? undefined : value };
  }

  /** A cancelled run ended: its lease goes, so that a new call under the key need not wait for it. */
  async #stopped(run: Run): Promise<Outcome> {
    const { store } = this.#parts;
    const reply = await this.persist(run, () => store.release(run.ref, { create: false }));
    if (reply.tag === 'lost' || reply.tag === 'cancelled') return this.#refused(run, reply);
    return this.#refused(run, { tag: 'cancelled' });
  }

  async #snooze(run: Run, delayMs: number, reason: string | undefined): Promise<Outcome> {
    const untilMs = this.#parts.clock.nowMs() + delayMs;
    const outcome = await this.#release(run, { kind: 'later', delayMs }, untilMs);
    if (outcome.kind === 'later') {
      this.#parts.events.emit('job.snoozed', {
        ...this.runEvent(run),
        delayMs,
        ...(reason === undefined ? {} : { reason }),
      });
    }
    return outcome;
  }

  /** Gives the lease back, where a record has one, and answers the outcome unless the call was lost or cancelled. */
  async #release(run: Run, outcome: Outcome, untilMs?: number): Promise<Outcome> {
    const { store } = this.#parts;
    if (!run.tracked && untilMs === undefined) return outcome;
    const options = untilMs === undefined ? { create: false } : { create: true, untilMs };
    const reply = await this.persist(run, () => store.release(run.ref, options));
    return reply.tag === 'released' || reply.tag === 'unknown'
      ? outcome
      : this.#refused(run, reply);
  }

  #refused(
    run: Run,
    reply: Exclude<
      CompleteReply | BuryReply | ReleaseReply,
      { tag: 'completed' | 'buried' | 'released' | 'unknown' }
    >,
  ): Outcome {
    const { events, logger } = this.#parts;
    if (reply.tag === 'lost') {
      logger.warn(
        { callId: run.ref.id, job: run.fetched.name, fencingToken: run.token },
        'this run lost its call; what it still had to say was refused',
      );
      events.emit('job.stalled', this.runEvent(run));
      return { kind: 'gone' };
    }
    const because = reply.reason === undefined ? {} : { reason: reply.reason };
    events.emit('job.cancelled', { ...this.runEvent(run), ...because });
    return {
      kind: 'dead',
      error: new JobCancelledError(run.fetched.name, run.ref.id, reply.reason),
    };
  }
}

/** BullMQ's own way to say «never again», honoured for code that comes from it. */
function isUnrecoverable(error: Error): boolean {
  return error.name === 'UnrecoverableError' && !isBulletproofError(error);
}

/** A handler may throw `undefined`, and that is what a run has which met nothing fatal. */
function isFatal(run: Run, thrown: unknown): boolean {
  return run.fatal !== undefined && run.fatal === thrown;
}
