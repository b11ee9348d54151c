import { type Clock, type ClockTimer, sleepOn } from './clock.js';

interface PendingTimer {
  readonly atMs: number;
  readonly fn: () => void;
}

/** A clock for tests that stands still until it is moved. */
export class ManualClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;
  // In order of due time, then of setting.
  readonly #timers: PendingTimer[] = [];

  /** @param startMs wall-clock time to begin with, in epoch milliseconds (default 2026-01-01T00:00:00Z) */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** How many timers are set and not yet due: zero at the end of a test means nothing leaked. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  setTimer(ms: number, fn: () => void): ClockTimer {
    const timer: PendingTimer = { atMs: this.#monotonicMs + Math.max(0, ms), fn };
    const later = this.#timers.findIndex((other) => other.atMs > timer.atMs);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    return {
      cancel: () => {
        const index = this.#timers.indexOf(timer);
        if (index !== -1) this.#timers.splice(index, 1);
      },
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn((delayMs, fn) => this.setTimer(delayMs, fn), ms, signal);
  }

  /** Moves time forward by `ms` and runs the timers due by then, each at its own time, also those set meanwhile. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    while (this.#runNext(endMs));
    this.#moveTo(endMs);
  }

  /** Like {@link advance}, but lets promise callbacks and I/O events run before and after each timer. */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    do await macrotask();
    while (this.#runNext(endMs));
    this.#moveTo(endMs);
  }

  /** Makes the wall clock jump, forward or back, without running timers: what a clock correction does. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  #runNext(endMs: number): boolean {
    const next = this.#timers[0];
    if (next === undefined || next.atMs > endMs) return false;
    this.#timers.shift();
    this.#moveTo(next.atMs);
    next.fn();
    return true;
  }

  #moveTo(monotonicMs: number): void {
    this.#nowMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
