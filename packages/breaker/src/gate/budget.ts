/** So many reports may follow each other closely, and so many a second in the long run: with polls and probes 25 a second at most. */
const BURST = 5;
const PER_SECOND = 15;

/** Limits how often a process reports, whatever its traffic. */
export class Budget {
  readonly #now: () => number;
  #left = BURST;
  #atMs: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#atMs = now();
  }

  /** Milliseconds until a report may go. */
  get waitMs(): number {
    this.#refill();
    return this.#left >= 1 ? 0 : Math.ceil(((1 - this.#left) * 1_000) / PER_SECOND);
  }

  /** Takes one; what cannot wait is taken from those to come. */
  spend(): void {
    this.#refill();
    this.#left -= 1;
  }

  #refill(): void {
    const nowMs = this.#now();
    this.#left = Math.min(BURST, this.#left + ((nowMs - this.#atMs) * PER_SECOND) / 1_000);
    this.#atMs = nowMs;
  }
}
