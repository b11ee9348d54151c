import {
  type Clock,
  checkOptions,
  type Duration,
  isBulletproofError,
  rule,
} from '@bulletproof/kernel';
import { JobCancelledError, JobFailedError, ResultExpiredError } from '../job/run-errors.js';
import { type CallStatus, causeOf, isFinal } from './call-status.js';
import type { Calls, Found } from './calls.js';
import { AppClosedError, ResultTimeoutError } from './errors.js';
import { deliveryId } from './identity.js';
import type { QueuePort } from './queue-port.js';

/** How often a waiting handle looks on its own, should an announcement have been missed. */
const LOOK_EVERY_MS = 2_000;

/** How to wait for a result. */
export interface ResultOptions {
  /** The longest to wait. @default until the end */
  readonly timeout?: Duration;
  /** Stops the waiting; the call goes on. */
  readonly signal?: AbortSignal;
}

/** What `result()` takes. */
export const RESULT_RULES = {
  timeout: rule.optional(rule.duration()),
  signal: rule.optional(
    rule.matching(
      'an AbortSignal',
      // By what it does: the signal may come from another realm or a polyfill.
      (value): value is AbortSignal =>
        value instanceof EventTarget && typeof Reflect.get(value, 'throwIfAborted') === 'function',
    ),
  ),
};

const reasonRule = rule.text({ maxLength: 1_000 });

/** What a handle works with. */
export interface HandleParts {
  readonly calls: Calls;
  readonly queues: QueuePort;
  readonly clock: Clock;
  /** Aborted when the app closes. */
  readonly closing: AbortSignal;
}

/** A call that was enqueued, from whichever process. */
export class CallHandle<R = unknown> {
  /** The call's id; of a deduplicated enqueue, the first call's. */
  readonly id: string;
  /** The queue it was enqueued into; '' when only the id is known. */
  readonly queue: string;
  /** True when an equal call was already known and this enqueue ran nothing. */
  readonly deduplicated: boolean;
  readonly #parts: HandleParts;

  constructor(
    parts: HandleParts,
    call: { readonly id: string; readonly queue: string; readonly deduplicated: boolean },
  ) {
    this.#parts = parts;
    this.id = call.id;
    this.queue = call.queue;
    this.deduplicated = call.deduplicated;
  }

  /** Where the call stands now. */
  async status(): Promise<CallStatus<R>> {
    const { status } = await this.#find();
    return status as CallStatus<R>;
  }

  /**
   * Waits for the end of the call and answers the handler's return value.
   * @throws JobFailedError (`JOB_FAILED`) when it is dead, with the handler's error as `cause`
   * @throws JobCancelledError (`JOB_CANCELLED`) when it was cancelled
   * @throws ResultExpiredError (`RESULT_EXPIRED`) when its result is no longer kept
   * @throws ResultTimeoutError (`RESULT_TIMEOUT`) when `timeout` passes first; the call goes on
   */
  async result(options: ResultOptions = {}): Promise<R> {
    const { clock, closing } = this.#parts;
    const { timeout: timeoutMs, signal } = checkOptions('result', options, RESULT_RULES);
    const endsAt = timeoutMs === undefined ? undefined : clock.monotonicMs() + timeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      if (closing.aborted) throw new AppClosedError('result()');
      const look = new AbortController();
      // Listening begins before the look: what ends in between is announced to a listener.
      const settled = this.#listen(look.signal);
      try {
        const found = await this.#findOrWait();
        if (found && isFinal(found.status.state)) return this.#outcome(found);
        const leftMs = endsAt === undefined ? LOOK_EVERY_MS : endsAt - clock.monotonicMs();
        if (leftMs <= 0) throw new ResultTimeoutError(this.id, timeoutMs ?? 0);
        await this.#wait(found && settled(found), Math.min(leftMs, LOOK_EVERY_MS), signal);
      } finally {
        look.abort();
      }
    }
  }

  /**
   * Cancels the call if it has not ended; a run at work gets its signal and can record no result any more.
   * True when the call is cancelled; false when it had ended, or nothing is known of it.
   * @param reason 1 to 1,000 characters
   * @throws InvalidOptionError (`INVALID_OPTION`) for another reason
   */
  async cancel(reason = 'cancelled'): Promise<boolean> {
    const why = reasonRule(reason, 'cancel reason');
    return this.#parts.calls.cancel(this.id, why, this.queue || undefined);
  }

  #find(): Promise<Found> {
    return this.#parts.calls.find(this.id, this.queue || undefined);
  }

  /** While Redis is away there is nothing to see: the waiting goes on. */
  async #findOrWait(): Promise<Found | undefined> {
    try {
      return await this.#find();
    } catch (error) {
      if (isBulletproofError(error, 'REDIS_UNAVAILABLE')) return undefined;
      throw error;
    }
  }

  #listen(signal: AbortSignal): (found: Found) => Promise<void> {
    const { queues } = this.#parts;
    const first = deliveryId({ id: this.id, generation: 1 });
    const early = this.queue ? queues.settled(this.queue, first, signal) : undefined;
    return ({ record, status }) => {
      const generation = record.tag === 'found' ? record.generation : 1;
      if (early && generation === 1 && status.queue === this.queue) return early;
      return queues.settled(status.queue, deliveryId({ id: this.id, generation }), signal);
    };
  }

  async #wait(
    settled: Promise<void> | undefined,
    ms: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock, closing } = this.#parts;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(ms, done);
      function done(): void {
        timer.cancel();
        signal?.removeEventListener('abort', done);
        closing.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done);
      closing.addEventListener('abort', done);
      settled?.finally(done).catch(() => {}); // a hint that fails is no hint; the next look decides
    });
  }

  #outcome({ status, view, record }: Found): R {
    const name = view?.delivery.name ?? nameIn(record) ?? '';
    switch (status.state) {
      case 'completed':
        return status.result as R;
      case 'cancelled':
        throw new JobCancelledError(name, this.id, status.reason);
      case 'dead':
        throw new JobFailedError(name, this.id, { cause: causeOf(status) });
      default:
        throw new ResultExpiredError(this.id);
    }
  }
}

function nameIn(record: Found['record']): string | undefined {
  if (record.tag === 'pointer' || record.story === undefined) return undefined;
  return (JSON.parse(record.story) as { delivery: { name: string } }).delivery.name;
}
