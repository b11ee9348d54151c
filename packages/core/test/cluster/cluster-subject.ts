import { keyspace, type RedisPort, ScriptRunner } from '@bulletproof/kernel';
import { keysUnder, removeKeys, uniquePrefix } from '@bulletproof/test-kit';
import type { Redis } from 'ioredis';
import { RedisRecordStore } from '../../src/idempotency/index.js';
import { InjectedExpiry } from '../idempotency/injected-expiry.js';
import { START_MS, type Subject } from '../idempotency/subject.js';

/** The Redis store on a cluster, on an injected clock; `masters` are connections to its nodes, each for its own keys. */
export function clusterSubject(port: RedisPort, masters: readonly Redis[]): Subject {
  const prefix = uniquePrefix('records');
  const nodes = masters.map((redis) => ({ redis, expiry: new InjectedExpiry(redis) }));
  const lose = async (): Promise<void> => {
    await Promise.all(masters.map((redis) => removeKeys(redis, prefix)));
  };
  let nowMs = START_MS;
  return {
    store: new RedisRecordStore(new ScriptRunner(port), keyspace(prefix), () => nowMs),
    now: () => nowMs,
    advance: async (ms) => {
      await Promise.all(
        nodes.map(async ({ redis, expiry }) => {
          await expiry.move(await keysUnder(redis, prefix), nowMs, nowMs + ms);
        }),
      );
      nowMs += ms;
    },
    lose,
    close: lose,
  };
}
