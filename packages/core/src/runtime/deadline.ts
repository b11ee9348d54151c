import type { Clock, ClockTimer } from '@bulletproof/kernel';

interface Waiting {
  readonly endsAt: number;
  readonly expire: () => void;
  done: boolean;
}

/**
 * Bounds operations that all have the same time limit. They end in the order they began, so that one timer serves
 * them all: a timer each would cost more than the enqueue it guards.
 */
export class Deadline {
  readonly limitMs: number;
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  #head = 0;
  #timer: ClockTimer | undefined;

  constructor(limitMs: number, clock: Clock) {
    this.limitMs = limitMs;
    this.#clock = clock;
  }

  /** The work's outcome, or a rejection with `late()` when it takes longer than the limit. */
  bound<T>(work: Promise<T>, late: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry: Waiting = {
        endsAt: this.#clock.monotonicMs() + this.limitMs,
        expire: () => reject(late()),
        done: false,
      };
      this.#queue.push(entry);
      if (!this.#timer) this.#arm(entry);
      work.then(
        (value) => {
          entry.done = true;
          this.#trim();
          resolve(value);
        },
        (error: unknown) => {
          entry.done = true;
          this.#trim();
          reject(error);
        },
      );
    });
  }

  /** Drops what has ended from the front; without anything left, the timer must not keep the process alive. */
  #trim(): void {
    while (this.#queue[this.#head]?.done) this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
      this.#timer?.cancel();
      this.#timer = undefined;
    } else if (this.#head > 1024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #arm(first: Waiting): void {
    const waitMs = Math.max(0, first.endsAt - this.#clock.monotonicMs());
    this.#timer = this.#clock.setTimer(waitMs, () => {
      this.#timer = undefined;
      const now = this.#clock.monotonicMs();
      for (let at = this.#head; at < this.#queue.length; at += 1) {
        const entry = this.#queue[at];
        if (!entry || entry.endsAt > now) break;
        if (!entry.done) entry.expire();
        entry.done = true;
      }
      this.#trim();
      const next = this.#queue[this.#head];
      if (next && !this.#timer) this.#arm(next);
    });
  }
}
