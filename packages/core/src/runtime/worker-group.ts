import { type Clock, checkOptions, type Duration, rule } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import { JobCancelledError } from '../job/run-errors.js';
import type { Cancellations } from './cancellations.js';
import { ShutdownError } from './errors.js';
import type { Leases } from './leases.js';
import type { QueueWorkerPort } from './queue-port.js';
import type { WorkerStatus } from './slots.js';

const DEADLINE_MS = 25_000;
/** After the signal, a handler that listens gets this long to end in order before it is handed back. */
const GRACE_MS = 250;
/** When nothing runs here any more, Redis gets this long to take the last outcomes. */
const LAST_WORD_MS = 2_000;
const LOOK_MS = 50;

/** How a worker is closed. */
export interface CloseOptions {
  /** How long running handlers may go on. @default '25s' */
  readonly deadline?: Duration;
}

/**
 * How long running handlers may go on, ms.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function closeDeadlineMs(options: CloseOptions): number {
  return checkOptions('close', options, CLOSE_RULES).deadline;
}

const CLOSE_RULES = { deadline: rule.defaulted(rule.duration(), DEADLINE_MS) };

/** What a worker is made of. */
export interface WorkerGroupParts {
  readonly status: () => Promise<WorkerStatus>;
  readonly workers: readonly QueueWorkerPort[];
  readonly leases: Leases;
  readonly cancellations: Cancellations;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once it is closed. */
  readonly onClosed: () => Promise<void>;
}

/** A worker of the app: fetches from its queues until it is closed. */
export class BulletproofWorker {
  readonly #parts: WorkerGroupParts;
  #closing: Promise<void> | undefined;

  constructor(parts: WorkerGroupParts) {
    this.#parts = parts;
  }

  /** The queues that this worker works. */
  get queues(): readonly string[] {
    return this.#parts.workers.map((worker) => worker.queue);
  }

  /** Calls that run here now. */
  get running(): number {
    return this.#parts.leases.size;
  }

  /**
   * Its slots: how many each queue may use now, uses, and has from the shared ones; and how long calls wait.
   * @throws RedisUnavailableError (`REDIS_UNAVAILABLE`)
   */
  async status(): Promise<WorkerStatus> {
    return this.#parts.status();
  }

  /** Tells a run of this worker that its call was cancelled. */
  cancelled(id: string, reason: string | undefined): void {
    this.#parts.cancellations.add(id);
    for (const run of this.#parts.leases.runs) {
      if (run.ref.id !== id) continue;
      run.tracked = true;
      run.abort('cancelled', new JobCancelledError(run.fetched.name, id, reason));
    }
  }

  /**
   * Stops fetching and lets running handlers finish; at the deadline aborts `job.signal`, then hands what is left
   * back to its queue at once: nothing is lost, no attempt is consumed, no stall is counted.
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const deadlineMs = closeDeadlineMs(options);
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    const { workers, clock, leases, onClosed } = this.#parts;
    // From here they fetch no more; each resolves when its runs are over and BullMQ has been told.
    const drained = Promise.all(workers.map((worker) => worker.close()));
    const closing = { isDrained: false, isDue: false };
    const abort = clock.setTimer(deadlineMs, () => this.#abortAll());
    const handBack = clock.setTimer(deadlineMs + GRACE_MS, () => {
      closing.isDue = true;
      this.#handBackAll();
    });
    drained
      .finally(() => {
        closing.isDrained = true;
      })
      .catch(() => {});
    try {
      await Promise.race([drained, this.#lastWord(closing)]);
    } finally {
      abort.cancel();
      handBack.cancel();
      leases.close();
      await onClosed();
    }
  }

  /**
   * Ends the wait for a Redis that is away: BullMQ would wait until it is back. What it was not told goes on
   * elsewhere when its lock ends, as after a crash.
   */
  async #lastWord(closing: {
    readonly isDrained: boolean;
    readonly isDue: boolean;
  }): Promise<void> {
    const { clock, leases, logger } = this.#parts;
    for (let idleMs = 0; idleMs < LAST_WORD_MS; ) {
      await clock.sleep(LOOK_MS);
      if (closing.isDrained) return;
      // What is left after the deadline are outcomes that Redis has not taken.
      const isRunning = closing.isDue
        ? [...leases.runs].some((run) => !run.recording)
        : leases.size > 0;
      idleMs = isRunning ? 0 : idleMs + LOOK_MS;
    }
    for (const run of leases.runs) run.abandon();
    logger.warn('Redis did not take the last words of a worker: it is closed without them');
  }

  #abortAll(): void {
    for (const run of this.#parts.leases.runs) {
      run.abort('shutdown', new ShutdownError(run.fetched.name, run.ref.id));
    }
  }

  #handBackAll(): void {
    const { leases, logger } = this.#parts;
    for (const run of leases.runs) {
      logger.warn(
        { job: run.fetched.name, callId: run.ref.id },
        'the handler did not end in time; its call is handed back and goes on elsewhere',
      );
      run.fenceOff('handed-back', new ShutdownError(run.fetched.name, run.ref.id));
    }
  }
}
