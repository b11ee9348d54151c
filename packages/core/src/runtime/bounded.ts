import { type Clock, classifyRedisError } from '@bulletproof/kernel';
import type { Call } from '../job/call.js';
import { Deadline } from './deadline.js';
import { RedisUnavailableError, type UnavailableReason } from './errors.js';

/** Between two tries of one operation. */
const RETRY_MS = 25;

/** Refusals of Redis that do not pass by themselves within the time of an operation. */
const HOPELESS: readonly UnavailableReason[] = ['auth', 'no-permission', 'out-of-memory'];

/** What bounding works with. */
export interface BoundedParts {
  readonly clock: Clock;
  /** The longest an operation may take, ms. */
  readonly limitMs: number;
  /** Resolves when the connection can be used. */
  readonly ready: () => Promise<void>;
  /** What the connection complained of since it was last ready. */
  readonly lastError: () => unknown;
}

interface Trying {
  expired: boolean;
  /** What stood in the way the last time. */
  cause: unknown;
}

/**
 * Does what can be repeated until Redis takes it, within a time limit: an operation rides out a short loss of the
 * connection, and none hangs.
 */
export class Bounded {
  readonly #parts: BoundedParts;
  readonly #deadline: Deadline;

  constructor(parts: BoundedParts) {
    this.#parts = parts;
    this.#deadline = new Deadline(parts.limitMs, parts.clock);
  }

  /**
   * Runs `work`, and again after a loss of the connection (`isRepeat`).
   * @param call the call to hand back with the error, when the work is an enqueue
   * @throws RedisUnavailableError (`REDIS_UNAVAILABLE`) when the time is over; the outcome is then unknown
   */
  run<T>(work: (isRepeat: boolean) => Promise<T>, call?: () => Call): Promise<T> {
    const state: Trying = { expired: false, cause: undefined };
    return this.#deadline.bound(this.#untilTaken(work, call, state), () => {
      state.expired = true;
      const told = isReadOnly(state.cause) ? state.cause : (this.#parts.lastError() ?? state.cause);
      return this.unavailable(told, call);
    });
  }

  /** The error of an operation that Redis did not take. */
  unavailable(cause: unknown, call?: () => Call): RedisUnavailableError {
    const reason = classifyRedisError(cause) ?? 'timeout';
    return new RedisUnavailableError(reason, this.#parts.limitMs, call?.(), { cause });
  }

  async #untilTaken<T>(
    work: (isRepeat: boolean) => Promise<T>,
    call: (() => Call) | undefined,
    state: Trying,
  ): Promise<T> {
    for (let isRepeat = false; ; isRepeat = true) {
      try {
        await this.#parts.ready();
        // What was reported as failed while the connection was away is not done behind the caller's back.
        if (state.expired) throw this.unavailable(this.#parts.lastError(), call);
        return await work(isRepeat);
      } catch (error) {
        const reason = classifyRedisError(error);
        if (reason === undefined) throw error;
        if (state.expired || HOPELESS.includes(reason)) throw this.unavailable(error, call);
        // A read-only server makes us connect anew, to find the primary: that this breaks commands off says less.
        if (reason !== 'connection' || !isReadOnly(state.cause)) state.cause = error;
        await this.#parts.clock.sleep(RETRY_MS);
      }
    }
  }
}

const isReadOnly = (error: unknown): boolean => classifyRedisError(error) === 'read-only';
