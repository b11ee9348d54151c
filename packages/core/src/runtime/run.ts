import type { Clock } from '@bulletproof/kernel';
import type { RunRef } from '../idempotency/store.js';
import { LeaseLostError } from '../job/run-errors.js';
import type { FetchedDelivery } from './queue-port.js';

/** Why a run was stopped from outside its handler. */
export type Interruption = 'timeout' | 'lease-lost' | 'cancelled' | 'shutdown' | 'handed-back';

/**
 * One run of a handler: its lease on this process's own clock, its abort signal, and the fence that closes
 * behind it. Once fenced off, whatever the handler still writes through `job` is refused.
 */
export class Run {
  readonly fetched: FetchedDelivery;
  /** Token of BullMQ's lock. */
  readonly lock: string;
  readonly #clock: Clock;
  #ref: RunRef;
  #leaseEndsAt: number;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #fence: Error | undefined;
  #interrupted: ((cause: Error) => void) | undefined;
  /** How often the effect of its key was undone before. */
  undone: number;
  /** A record of the call exists: the run must settle it. */
  tracked: boolean;
  interruption: Interruption | undefined;
  /** An error after which no attempt may follow: the input is refused for good, or an effect cannot be recorded. */
  fatal: Error | undefined;
  /** The handler has ended and its outcome is being recorded: from here the token alone decides. */
  recording = false;

  constructor(options: {
    readonly fetched: FetchedDelivery;
    readonly lock: string;
    readonly ref: RunRef;
    readonly tracked: boolean;
    readonly leaseMs: number;
    readonly clock: Clock;
  }) {
    this.fetched = options.fetched;
    this.lock = options.lock;
    this.tracked = options.tracked;
    this.undone = options.fetched.delivery.undone ?? 0;
    this.#ref = options.ref;
    this.#clock = options.clock;
    // The lock began when the worker asked for the delivery, not when the answer was read: a loop that stood
    // still in between has used the lease up.
    const age = Math.max(0, options.clock.nowMs() - options.fetched.fetchedAtMs);
    this.#leaseEndsAt = options.clock.monotonicMs() - age + options.leaseMs;
  }

  /** How the run presents itself to the store. */
  get ref(): RunRef {
    return this.#ref;
  }

  get token(): number {
    return this.#ref.token;
  }

  /** Takes the token that a claim granted. */
  hold({ token, undone }: { readonly token: number; readonly undone: number }): void {
    this.#ref = { ...this.#ref, token };
    this.undone = undone;
    this.tracked = true;
  }

  /** Takes the place in its record that an admission made for it. */
  admitted(admission: { readonly generation: number; readonly token: number }): void {
    this.#ref = { ...this.#ref, ...admission };
    this.tracked = true;
  }

  /** The lease was renewed by a command sent at `sentAt` (monotonic ms). */
  renewed(sentAt: number, leaseMs: number): void {
    this.#leaseEndsAt = Math.max(this.#leaseEndsAt, sentAt + leaseMs);
  }

  /** True when the lease has ended on this process's clock, whether Redis is reachable or not. */
  get isLeaseOver(): boolean {
    return this.#clock.monotonicMs() >= this.#leaseEndsAt;
  }

  /**
   * What the record is told when it is asked or written to between two renewals: its lease ends with BullMQ's lock. If
   * it ended later, who takes over would find the call held, and go to the end of the queue.
   */
  get leaseLeftMs(): number {
    return Math.max(0, Math.ceil(this.#leaseEndsAt - this.#clock.monotonicMs()));
  }

  /** Made on first use: most handlers never look at it. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortReason) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** Aborts the signal; the handler may still finish in order. */
  abort(interruption: Interruption, reason: Error): void {
    if (this.recording || this.#fence) return;
    this.interruption ??= interruption;
    if (this.#abortReason) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  /** Aborts the signal, ends the run for the queue, and refuses what the handler still writes. */
  fenceOff(interruption: Interruption, reason: Error): void {
    if (this.recording || this.#fence) return;
    this.#fence = reason;
    this.interruption = interruption;
    if (!this.#abortReason) {
      this.#abortReason = reason;
      this.#controller?.abort(reason);
    }
    this.#interrupted?.(reason);
  }

  /** The worker closes without its outcome, which Redis has not taken: no further try is made. */
  abandon(): void {
    this.interruption = 'handed-back';
  }

  /** Throws when the run may write no more: it was fenced off, it is over, or its lease has ended. */
  assertHolds(): void {
    if (this.#fence) throw this.#fence;
    if (this.recording) throw this.lost();
    if (this.isLeaseOver) {
      const error = this.lost();
      this.fenceOff('lease-lost', error);
      throw error;
    }
  }

  /** The error of a run that may write no more. */
  lost(): LeaseLostError {
    return new LeaseLostError(this.fetched.name, this.#ref.id);
  }

  /** The handler's promise, or the interruption that fences the run off before it settles. */
  race<T>(handler: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#interrupted = reject;
      if (this.#fence) reject(this.#fence);
      handler.then(resolve, reject);
    });
  }
}
