import {
  DelayedError,
  type Job,
  type Processor,
  RATE_LIMIT_ERROR,
  UnrecoverableError,
  WaitingError,
  type WorkerOptions,
} from 'bullmq';
import { parkedOnceMore, parksOf } from '../delivery.js';
import type { FetchedDelivery, Outcome, QueueWorkerPort } from '../queue-port.js';
import { type BullParts, bullOptions } from './connection.js';
import { LaneWorker } from './lane-worker.js';
import { NEVER } from './leased-worker.js';
import { attemptsOf, toDelivery } from './mapping.js';

/** BullMQ waits this long before it tries a move again that Redis did not take. */
const RETRY_MOVE_MS = 1_000;
/** A worker that was killed is noticed within its lease and two scans; five scans a lease keep that below 1.4 leases. */
const SCANS_PER_LEASE = 5;

/** What a queue's worker needs. */
export interface BullWorkerParts extends BullParts {
  readonly queue: string;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly keepCompletedForMs: number;
  readonly keepFailedForMs: number;
  readonly execute: (
    fetched: FetchedDelivery,
    lock: string,
    worker: QueueWorkerPort,
  ) => Promise<Outcome>;
  readonly onError: (error: unknown) => void;
  readonly onStalled: (queue: string, bullId: string) => void;
}

/** One queue's worker on BullMQ: fetches, runs, and tells BullMQ the outcome. */
export class BullWorker implements QueueWorkerPort {
  readonly queue: string;
  readonly #worker: LaneWorker;
  readonly #parts: BullWorkerParts;
  readonly #delays = new WeakMap<Error, number>();

  constructor(parts: BullWorkerParts) {
    this.queue = parts.queue;
    this.#parts = parts;
    const options: WorkerOptions = {
      ...bullOptions(parts),
      concurrency: parts.concurrency,
      lockDuration: parts.leaseMs,
      stalledInterval: Math.ceil(parts.leaseMs / SCANS_PER_LEASE),
      maxStalledCount: NEVER,
      runRetryDelay: RETRY_MOVE_MS,
      removeOnComplete: { age: Math.ceil(parts.keepCompletedForMs / 1000) },
      removeOnFail: { age: Math.ceil(parts.keepFailedForMs / 1000) },
      settings: { backoffStrategy: (_made, _type, error) => this.#delays.get(error as Error) ?? 0 },
    };
    // Two parameters: with a third, BullMQ would make an abort controller for every job.
    const processor: Processor = (job, lock) => this.#process(job, lock ?? '');
    this.#worker = new LaneWorker(parts.queue, processor, options);
    this.#worker.on('error', parts.onError);
    this.#worker.on('stalled', (id) => parts.onStalled(parts.queue, id));
  }

  get busy(): number {
    return this.#worker.busy;
  }

  get isDrained(): boolean {
    return this.#worker.isDrained;
  }

  get isLooking(): boolean {
    return this.#worker.isLooking;
  }

  setLimit(slots: number): void {
    this.#worker.setLimit(slots);
  }

  /** Whom to tell when one of these has changed. */
  onChange(changed: () => void): void {
    this.#worker.onChange = changed;
  }

  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  async extendLocks(
    runs: readonly { readonly id: string; readonly lock: string }[],
  ): Promise<string[]> {
    return this.#worker.extendJobLocks(
      runs.map((run) => run.id),
      runs.map((run) => run.lock),
      this.#parts.leaseMs,
    );
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }

  async #process(job: Job, lock: string): Promise<unknown> {
    const outcome = await this.#parts.execute(this.#fetched(job), lock, this);
    switch (outcome.kind) {
      case 'completed':
        return outcome.value;
      case 'retry': {
        const error = plain(outcome.error);
        this.#delays.set(error, outcome.delayMs);
        throw error;
      }
      case 'dead':
        throw unrecoverable(outcome.error);
      case 'later':
        await this.#move(() => job.moveToDelayed(Date.now() + outcome.delayMs, lock));
        await outcome.afterwards?.();
        throw new DelayedError();
      case 'parked':
        await this.#move(async () => {
          await job.updateData(parkedOnceMore(job.data));
          await job.moveToDelayed(Date.now() + outcome.delayMs, lock);
        });
        throw new DelayedError();
      case 'again':
        await this.#move(() => job.moveToWait(lock));
        throw new WaitingError();
      case 'gone':
        // Thrown without a move, it makes BullMQ do nothing: the job is another run's by now, or will be.
        throw new WaitingError();
    }
  }

  /** A move that Redis refuses means that the lock is gone: the job goes on elsewhere, as after a crash. */
  async #move(move: () => Promise<unknown>): Promise<void> {
    try {
      await move();
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  #fetched(job: Job): FetchedDelivery {
    const delivery = toDelivery(job, this.queue);
    const { made = 0 } = delivery;
    return {
      id: job.id ?? '',
      name: job.name,
      queue: this.queue,
      delivery,
      starts: job.attemptsStarted,
      parks: parksOf(job.data),
      attemptsMade: job.attemptsMade + made,
      maxAttempts: attemptsOf(job) + made,
      stalls: job.stalledCounter,
      fetchedAtMs: job.processedOn ?? Date.now(),
      progress: (value) => job.updateProgress(value as never),
    };
  }
}

/**
 * The handler's error as BullMQ may see it. BullMQ gives some names and one message a meaning of its own; an
 * error of the user's that happens to carry one would leave the job active for ever.
 */
function plain(error: Error): Error {
  return withStack(new Error(shown(error)), error);
}

function unrecoverable(error: Error): UnrecoverableError {
  return withStack(new UnrecoverableError(shown(error)), error);
}

function shown(error: Error): string {
  return error.message === RATE_LIMIT_ERROR ? `${error.name}: ${error.message}` : error.message;
}

function withStack<E extends Error>(copy: E, original: Error): E {
  if (original.stack !== undefined) copy.stack = original.stack;
  return copy;
}
