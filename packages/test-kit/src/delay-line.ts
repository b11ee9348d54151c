import type { Writable } from 'node:stream';

/** Hands bytes to a stream in order, each not before its delay is over. */
export class DelayLine {
  readonly #to: Writable;
  #waiting: { bytes: Buffer; dueMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(to: Writable) {
    this.#to = to;
  }

  /** Writes after `delayMs`, and never before what was given earlier. */
  write(bytes: Buffer, delayMs: number): void {
    this.#waiting.push({ bytes, dueMs: performance.now() + delayMs });
    if (this.#timer === undefined) this.#flush();
  }

  /** Forgets what is still waiting. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #flush() {
    this.#timer = undefined;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const leftMs = first.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), leftMs);
        return;
      }
      this.#waiting.shift();
      this.#to.write(first.bytes);
    }
  }
}
