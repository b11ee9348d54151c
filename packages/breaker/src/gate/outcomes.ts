import type { ClockTimer } from '@bulletproof/kernel';
import type { Counts } from '../policy/state.js';
import type { ResolvedShared } from '../resolved.js';
import { Tally } from './tally.js';

/** Who gets the outcomes: the good ones once a bucket, the bad ones (with the good ones before them) at once. */
export interface OutcomeSink {
  bucket(counts: Counts): void;
  bad(counts: Counts): void;
}

/** Collects the outcomes of calls. The closed path of every call ends here, so it only adds. */
export class Outcomes {
  readonly #options: ResolvedShared;
  readonly #sink: OutcomeSink;
  readonly #pending = new Tally();
  /** Since when calls are admitted whose outcomes count; calls that began before belong to another state. */
  #sinceMs = Number.NEGATIVE_INFINITY;
  /** A call that took no longer than this began after `#sinceMs`, for certain: no need to look at the clock. */
  #floorMs = Number.POSITIVE_INFINITY;
  #timer: ClockTimer | undefined;

  constructor(options: ResolvedShared, sink: OutcomeSink) {
    this.#options = options;
    this.#sink = sink;
  }

  /** Tells that a call ended; `latencyMs` long, well or badly. */
  add(latencyMs: number, failed: boolean): void {
    if (latencyMs > this.#floorMs && this.#now() - latencyMs < this.#sinceMs) return;
    const pending = this.#pending;
    const slow = latencyMs >= this.#options.slowMs;
    if (slow) pending.slow += 1;
    if (failed) pending.failed += 1;
    else pending.passed += 1;
    if (failed || slow) this.#sink.bad(pending.take());
    else if (this.#timer === undefined) this.#arm();
  }

  /** From now on, only calls count that began at that time or later; Infinity: none. */
  countFrom(sinceMs: number): void {
    this.#sinceMs = sinceMs;
    this.raiseFloor();
  }

  /** Time has passed: calls that take longer are recent too. */
  raiseFloor(): void {
    this.#floorMs = Math.max(-1, this.#now() - this.#sinceMs);
  }

  /** Forgets what was not handed over yet. */
  forget(): void {
    this.#pending.clear();
  }

  stop(): void {
    this.#timer?.cancel();
    this.countFrom(Number.POSITIVE_INFINITY);
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  #arm(): void {
    const { windowMs, buckets } = this.#options.limits;
    this.#timer = this.#options.clock.setTimer(Math.floor(windowMs / buckets), () => {
      this.#timer = undefined;
      this.raiseFloor();
      if (!this.#pending.isEmpty) this.#sink.bucket(this.#pending.take());
    });
  }
}
