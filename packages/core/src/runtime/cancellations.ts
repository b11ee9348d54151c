import type { Clock } from '@bulletproof/kernel';

/** How long an announced cancellation is remembered for a delivery that is just being fetched. */
const REMEMBER_MS = 60_000;

/**
 * Cancellations heard of lately. A call may be cancelled between its fetch and its start; the start then asks
 * the record, which knows.
 */
export class Cancellations {
  readonly #clock: Clock;
  readonly #heard = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(id: string): void {
    const now = this.#clock.monotonicMs();
    for (const [known, at] of this.#heard) {
      if (now - at < REMEMBER_MS) break; // in order of arrival
      this.#heard.delete(known);
    }
    this.#heard.delete(id);
    this.#heard.set(id, now);
  }

  has(id: string): boolean {
    return this.#heard.size > 0 && this.#heard.has(id);
  }
}
