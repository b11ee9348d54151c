import type { Logger } from 'pino';
import { type Database, isPool, type Pool, type PoolClient } from './database.js';
import { CHANNEL } from './enqueue-in-transaction.js';

/** What wake-ups work with. */
export interface WakeUpsParts {
  readonly database: Database;
  readonly wake: () => void;
  readonly logger: Logger;
}

/**
 * Hears of commits through LISTEN, on a connection of its own. A hint: what it misses while its connection is lost, the
 * next poll finds.
 */
export class WakeUps {
  readonly #parts: WakeUpsParts;
  #stop: (() => Promise<void>) | undefined;
  #closed = false;

  constructor(parts: WakeUpsParts) {
    this.#parts = parts;
  }

  /** Listens, if it does not already; a connection that cannot be had now is tried again with the next poll. */
  async listen(): Promise<void> {
    if (this.#stop || this.#closed) return;
    const { database, wake, logger } = this.#parts;
    try {
      const stop = isPool(database)
        ? await this.#onPool(database)
        : await database.listen?.(CHANNEL, wake);
      this.#stop = stop ?? (async () => {});
    } catch (error) {
      logger.warn({ err: error }, 'the outbox cannot listen; it polls');
    }
    if (this.#closed) await this.close();
  }

  /** Gives the connection back. */
  async close(): Promise<void> {
    this.#closed = true;
    const stop = this.#stop;
    this.#stop = undefined;
    await stop?.().catch(() => {}); // a connection that is lost needs no farewell
  }

  async #onPool(pool: Pool): Promise<() => Promise<void>> {
    const client = await pool.connect();
    if (!client.on) {
      client.release();
      return async () => {};
    }
    let isLent = true;
    const giveBack = (broken: boolean): void => {
      if (!isLent) return;
      isLent = false;
      this.#stop = undefined;
      client.release(broken);
    };
    on(client, 'notification', this.#parts.wake);
    on(client, 'error', () => giveBack(true));
    on(client, 'end', () => giveBack(true));
    try {
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      giveBack(true);
      throw error;
    }
    // Not lent again: whoever got it would hear what was meant for us.
    return async () => giveBack(true);
  }
}

function on(client: PoolClient, event: string, listener: () => void): void {
  client.on?.(event as 'error', listener);
}
