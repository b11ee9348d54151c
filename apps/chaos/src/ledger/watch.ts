import { LedgerTail } from './ledger.js';
import type { LedgerLine } from './lines.js';

const LOOK_MS = 10;
/** Longer than any recovery: after this long without a new line nothing more will come. */
const SILENCE_MS = 15_000;

/** The ledger as it grows: how far the runs have come, and what each process has in work. */
export class Watch {
  readonly #tail: LedgerTail;
  readonly #inFlight = new Map<number, Set<string>>();
  readonly #returned = new Set<string>();
  #answered = 0;

  constructor(path: string) {
    this.#tail = new LedgerTail(path);
  }

  /** Keys of which a run has returned. */
  get returned(): ReadonlySet<string> {
    return this.#returned;
  }

  /** Answers that producers got. */
  get answered(): number {
    return this.#answered;
  }

  /** Runs that a process has begun and not ended, by what it has written. */
  inFlight(pid: number): ReadonlySet<string> {
    return this.#inFlight.get(pid) ?? new Set();
  }

  /** Runs that have begun and not ended, in all processes. */
  get atWork(): number {
    return [...this.#inFlight.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Reads on; false when there was nothing new. */
  look(): boolean {
    const lines = this.#tail.next();
    for (const line of lines) this.#take(line);
    return lines.length > 0;
  }

  /** Reads on until the condition holds; false when nothing new has come for that long. */
  async until(condition: () => boolean, silenceMs = SILENCE_MS): Promise<boolean> {
    let heardAt = performance.now();
    for (;;) {
      const now = performance.now();
      if (this.look()) heardAt = now;
      if (condition()) return true;
      if (now - heardAt > silenceMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  close(): void {
    this.#tail.close();
  }

  #take(line: LedgerLine) {
    switch (line.what) {
      case 'began': {
        const running = this.#inFlight.get(line.pid) ?? new Set();
        this.#inFlight.set(line.pid, running.add(line.run));
        break;
      }
      case 'returned':
        this.#returned.add(line.key);
        this.#inFlight.get(line.pid)?.delete(line.run);
        break;
      case 'threw':
        this.#inFlight.get(line.pid)?.delete(line.run);
        break;
      case 'answered':
        this.#answered += 1;
        break;
      case 'killed':
        this.#inFlight.delete(line.pid);
        break;
      default:
    }
  }
}
