import {
  openRedis,
  type RedisConnection,
  type RedisSource,
  ScriptRunner,
} from '@bulletproof/kernel';
import { BreakerKeys } from '../keys.js';
import type { Ask, StateName, View } from '../policy/state.js';
import type { BreakerEvent, Replies } from '../policy/transition.js';
import type { BreakerStore, StoreListener } from '../store.js';
import { BreakerScripts } from './scripts.js';

/** How a {@link RedisBreakerStore} is set up. */
export interface RedisBreakerStoreOptions {
  /** A URL, ioredis options, or a client (which is duplicated). */
  readonly redis: RedisSource;
  /** Prefix of all keys. @default 'bulletproof' */
  readonly prefix?: string;
}

const LONGEST_RETRY_MS = 2_000;

/** Keeps the state of breakers in Redis. Two connections of its own: one for scripts, one that hears of changes. */
export class RedisBreakerStore implements BreakerStore {
  readonly #commands: RedisConnection;
  readonly #subscriber: RedisConnection;
  readonly #scripts: BreakerScripts;
  readonly #channel: string;
  readonly #listeners = new Set<StoreListener>();

  /** @throws InvalidOptionError `INVALID_OPTION` for a source or prefix that cannot be one */
  constructor({ redis, prefix = 'bulletproof' }: RedisBreakerStoreOptions) {
    const keys = new BreakerKeys(prefix);
    this.#channel = keys.channel;
    this.#commands = openRedis(redis, { name: 'bulletproof-breaker', overrides: AT_MOST_ONCE });
    this.#subscriber = openRedis(redis, {
      name: 'bulletproof-breaker-sub',
      overrides: { ...AT_MOST_ONCE, autoResubscribe: false },
    });
    this.#scripts = new BreakerScripts(new ScriptRunner(this.#commands.port), keys);
    this.#commands.client.on('ready', () => this.#ready());
    this.#subscriber.client.on('ready', () => void this.#subscribe());
    this.#subscriber.client.on('message', (channel: string, message: string) => {
      if (channel === this.#channel) this.#hear(message);
    });
  }

  apply<E extends BreakerEvent>(name: string, ask: Ask, event: E): Promise<Replies[E['kind']]> {
    return this.#scripts.apply(name, ask, event);
  }

  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([this.#commands.close(), this.#subscriber.close()]);
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#subscriber.client.subscribe(this.#channel);
      this.#ready();
    } catch {
      // The connection is gone again; its next "ready" tries once more. Meanwhile the state is read now and then.
    }
  }

  #ready(): void {
    // The subscriber may be first; without the other connection there is nothing to ask.
    if (this.#commands.client.status !== 'ready') return;
    for (const listener of this.#listeners) listener.ready?.();
  }

  #hear(message: string): void {
    const announced = announcementIn(message);
    if (announced === undefined) return;
    for (const listener of this.#listeners) listener.announced(announced.name, announced);
  }
}

// A report that is sent twice counts twice, so nothing is repeated; what waits in a queue would only be late.
const AT_MOST_ONCE = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
  // After a failover the old primary takes no writes: the name leads to the new one.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
};

const STATES: ReadonlySet<unknown> = new Set<StateName>([
  'closed',
  'open',
  'half-open',
  'forced-open',
  'forced-closed',
]);

/** Reads a message of the channel; undefined for anything that our scripts did not write. */
function announcementIn(message: string): (View & { readonly name: string }) | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const view = parsed as Readonly<Record<string, unknown>>;
  const areNumbers = ['epoch', 'remainingMs', 'ageMs', 'opens'].every((field) =>
    Number.isFinite(view[field]),
  );
  const areTexts = ['name', 'reason', 'by'].every((field) => typeof view[field] === 'string');
  return areNumbers && areTexts && STATES.has(view.state)
    ? (parsed as View & { readonly name: string })
    : undefined;
}
