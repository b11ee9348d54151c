import { Bulletproof, isBulletproofError, type JobReference } from '@bulletproof/core';
import { until } from '@bulletproof/test-kit';
import { pino } from 'pino';
import type { Ledger } from '../ledger/ledger.js';
import { type Charge, chargeOnto } from '../work/charge.js';

/** Short, so that who takes over does not wait long. */
const LEASE_MS = 1_000;
/** Many times what a recovery takes. */
const PATIENCE_MS = 20_000;

/** Where a life takes place. */
export interface LifeOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly ledger: Pick<Ledger, 'write'>;
  /** Names the life in the ledger. */
  readonly pid: number;
}

/** An app that does all that the explorer looks at: it enqueues a call, runs it with a step, completes it, and closes. */
export class Life {
  readonly #options: LifeOptions;
  readonly #app: Bulletproof;
  readonly #job: JobReference<Charge, unknown>;

  constructor(options: LifeOptions) {
    const { redisUrl, prefix, ledger, pid } = options;
    this.#options = options;
    this.#app = new Bulletproof({
      redis: redisUrl,
      prefix,
      queues: ['default'],
      lease: LEASE_MS,
      logger: pino({ level: 'silent' }),
    });
    this.#job = chargeOnto(ledger, pid);
    this.#app.register(this.#job);
  }

  /** From the enqueue to the end. A call that was acknowledged before is not enqueued again: it must be there. */
  async live(input: Charge, acknowledged?: string): Promise<void> {
    const id = acknowledged ?? (await this.#enqueue(input));
    const worker = await this.#app.work({ queues: { default: 1 } });
    await this.#app.call(id).result({ timeout: PATIENCE_MS });
    // The record knows of the end before BullMQ does; a delivery that was cut off there still has to hear of it.
    await until(() => this.#isQuiet(), { deadlineMs: PATIENCE_MS, what: 'an empty queue' });
    await worker.close();
    await this.close();
  }

  close(): Promise<void> {
    return this.#app.close({ deadline: 0 });
  }

  async #isQuiet(): Promise<boolean> {
    const [queue] = await this.#app.queues.status();
    return queue?.waiting === 0 && queue.delayed === 0 && queue.running === 0;
  }

  /** Enqueues, as often as it needs to be acknowledged, and notes that it was. */
  async #enqueue(input: Charge): Promise<string> {
    const { ledger, pid } = this.#options;
    const { key, variant } = input;
    for (;;) {
      try {
        const { id, deduplicated } = await this.#app.enqueue(this.#job(input));
        const answer = deduplicated ? 'deduplicated' : 'enqueued';
        ledger.write({ what: 'answered', pid, key, variant, id, answer });
        return id;
      } catch (error) {
        if (!isBulletproofError(error, 'REDIS_UNAVAILABLE')) throw error;
      }
    }
  }
}
