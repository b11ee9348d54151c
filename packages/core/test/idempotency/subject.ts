import { keyspace, portOf, type RedisPort, ScriptRunner } from '@bulletproof/kernel';
import { keysUnder, removeKeys, uniquePrefix } from '@bulletproof/test-kit';
import type { Redis } from 'ioredis';
import {
  MemoryRecordStore,
  type RecordStore,
  RedisRecordStore,
} from '../../src/idempotency/index.js';
import { RecordKeys } from '../../src/idempotency/keys.js';
import { InjectedExpiry } from './injected-expiry.js';

/** Where the injected clock starts, epoch ms. */
export const START_MS = 1_800_000_000_123;

/** A store that is tested, and the clock that it goes by. */
export interface Subject {
  readonly store: RecordStore;
  /** The injected time, epoch ms. */
  now(): number;
  /** Moves the clock; what has expired by then is gone. */
  advance(ms: number): Promise<void>;
  /** Loses everything, as a server does that was not asked to keep it. */
  lose(): Promise<void>;
  /** Removes what the store has kept. */
  close(): Promise<void>;
}

/** The Redis store under test, and what it keeps where. */
export interface RedisSubject extends Subject {
  readonly redis: Redis;
  readonly keys: RecordKeys;
}

/** The memory store on a clock of its own. */
export function memorySubject(): Subject {
  let nowMs = START_MS;
  let store = new MemoryRecordStore(() => nowMs);
  return {
    get store() {
      return store;
    },
    now: () => nowMs,
    advance: async (ms) => {
      nowMs += ms;
    },
    lose: async () => {
      store = new MemoryRecordStore(() => nowMs);
    },
    close: async () => {},
  };
}

/** The Redis store under a prefix of its own, on an injected clock; `port` stands in for the client's own. */
export function redisSubject(redis: Redis, port: RedisPort = portOf(redis)): RedisSubject {
  const prefix = uniquePrefix('records');
  const expiry = new InjectedExpiry(redis);
  let nowMs = START_MS;
  return {
    redis,
    keys: new RecordKeys(keyspace(prefix)),
    store: new RedisRecordStore(new ScriptRunner(port), keyspace(prefix), () => nowMs),
    now: () => nowMs,
    advance: async (ms) => {
      await expiry.move(await keysUnder(redis, prefix), nowMs, nowMs + ms);
      nowMs += ms;
    },
    lose: () => removeKeys(redis, prefix),
    close: () => removeKeys(redis, prefix),
  };
}
