import type { JobContext } from '@bulletproof/core';
import type { Ledger } from '../ledger/ledger.js';
import { type Act, LATE, type LateReport, type LateWrite } from './act.js';

type Handler = (act: Act, job: JobContext, run: string) => Promise<unknown>;
type Note = { -readonly [K in keyof LateReport]?: LateReport[K] };

let runs = 0;

/** One standstill of this process, and the handlers that wait for its end. */
export class Standstill {
  readonly #ledger: Ledger;
  readonly #over: Promise<void>;
  readonly #notes = new Map<string, Note>();
  readonly #watchers = new Set<() => void>();
  #waiting = 0;
  /** Ends the waiting. */
  goOn: () => void = () => {};

  readonly #handlers: Readonly<Record<LateWrite, Handler>> = {
    effect: async (act, job, run) => {
      await this.#over;
      return this.#late(act, job, () => job.step('charge', () => this.#effect(act, run)));
    },
    step: (act, job, run) =>
      this.#late(act, job, () =>
        job.step('charge', async () => {
          this.#effect(act, run);
          await this.#over;
        }),
      ),
    renew: async (act, job) => {
      await this.#over;
      return this.#late(act, job, () => job.heartbeat());
    },
    progress: async (act, job) => {
      await this.#over;
      return this.#late(act, job, () => job.progress(LATE));
    },
    complete: async () => {
      await this.#over;
      return LATE;
    },
    fail: async () => {
      await this.#over;
      throw new Error(LATE);
    },
  };

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#over = new Promise((resolve) => {
      this.goOn = resolve;
    });
  }

  /** The handler: waits until the standstill is over, and writes then. */
  async run(act: Act, job: JobContext): Promise<unknown> {
    runs += 1;
    const { key, late } = act;
    const run = `${process.pid}-${runs}`;
    const { attempt, fencingToken: token } = job;
    this.#ledger.write({ pid: process.pid, key, run, what: 'began', attempt, token });
    this.#notes.set(key, { key, late });
    const work = this.#handlers[late](act, job, run);
    this.#waiting += 1;
    this.#changed();
    return work;
  }

  /** The call ended in this process with that event. */
  ended(key: string, event: string): void {
    const note = this.#notes.get(key);
    if (note) note.end = event;
    this.#changed();
  }

  /** Resolves when that many handlers wait. */
  waiting(count: number): Promise<void> {
    return this.#until(() => this.#waiting >= count);
  }

  /** Resolves when that many calls have ended here. */
  async reports(count: number): Promise<LateReport[]> {
    const ended = (): LateReport[] =>
      [...this.#notes.values()].filter(({ end }) => end !== undefined) as LateReport[];
    await this.#until(() => ended().length >= count);
    return ended();
  }

  #effect({ key }: Act, run: string): void {
    this.#ledger.write({ pid: process.pid, key, run, what: 'acted' });
  }

  /** Notes how the late write ended, and how the signal stood. */
  async #late({ key }: Act, job: JobContext, write: () => Promise<unknown>): Promise<string> {
    const note = this.#notes.get(key) ?? {};
    note.answer = await write().then(
      () => 'taken',
      (error: Error & { code?: string }) => error.code ?? error.message,
    );
    note.aborted = job.signal.aborted;
    return LATE;
  }

  #changed() {
    for (const look of this.#watchers) look();
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}
