import type { Keyspace, ScriptRunner } from '@bulletproof/kernel';
import { takeWatched, unwatch, watchCall } from '../lua/scripts.generated.js';
import type { Taken, WatchStore } from '../store.js';

/** Who took calls and died is followed by another one after this. */
const LEASE_MS = 30_000;
/** When no worker looks at calls that may be moved any more, Redis forgets which they were. */
const KEEP_MS = 7 * 24 * 3_600_000;

/** The calls that may be moved, in Redis: one index a tag, on the server's clock. */
export class RedisWatchStore implements WatchStore {
  readonly #scripts: ScriptRunner;
  readonly #keyspace: Keyspace;

  constructor(scripts: ScriptRunner, keyspace: Keyspace) {
    this.#scripts = scripts;
    this.#keyspace = keyspace;
  }

  async watch(text: string, member: string, afterMs: number): Promise<void> {
    await this.#scripts.run(watchCall, {
      keys: this.#keys(this.#keyspace.tagOf(text)),
      args: { member, afterMs: Math.ceil(afterMs), keepMs: KEEP_MS },
    });
  }

  async take(tag: number, count: number): Promise<Taken> {
    const { nowMs, members } = await this.#scripts.run(takeWatched, {
      keys: this.#keys(tag),
      args: { count, leaseMs: LEASE_MS },
    });
    return { nowMs, members };
  }

  async next(tag: number, member: string, atMs: number | undefined): Promise<void> {
    await this.#scripts.run(unwatch, {
      keys: this.#keys(tag),
      args: { member, keepMs: KEEP_MS, ...(atMs === undefined ? {} : { atMs: Math.ceil(atMs) }) },
    });
  }

  #keys(tag: number): { readonly watched: string } {
    return { watched: this.#keyspace.key(tag, 'watched') };
  }
}
