import { CircuitBreaker } from '@bulletproof/breaker';
import {
  circuitBreaker,
  handleAll,
  SamplingBreaker,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { Redis } from 'ioredis';
// @ts-expect-error: opossum ships no types
import opossum from 'opossum';
import type { Place } from './side.js';

/** What stands between a caller and the dependency. */
export interface Guard {
  fire(input: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Ours with its state in Redis, opossum, cockatiel, and opossum with a look into Redis before each call. */
export type GuardName = 'shared' | 'opossum' | 'cockatiel' | 'asking';

/** What is protected. */
export type Action = (input: number) => Promise<unknown>;

interface Opossum {
  fire(input: number): Promise<unknown>;
  shutdown(): void;
}

const TIMEOUT_MS = 10_000;
const WINDOW_MS = 10_000;
const RESET_MS = 30_000;
const PERCENT = 50;
const OPTIONS = {
  errorThresholdPercentage: PERCENT,
  resetTimeout: RESET_MS,
  rollingCountTimeout: WINDOW_MS,
  // What ours has off by default with a store; a breaker with them is slower.
  rollingPercentilesEnabled: false,
  enableSnapshots: false,
};

type Open = (place: Place, action: Action, hasTimeout: boolean) => Promise<Guard>;

/** All guards, with the same options where they have them. */
export const GUARDS: Readonly<Record<GuardName, Open>> = {
  async shared({ redisUrl, prefix }, action, hasTimeout) {
    const breaker = new CircuitBreaker<[number], unknown>(action, {
      ...OPTIONS,
      name: 'dependency',
      redis: redisUrl,
      prefix,
      timeout: hasTimeout && TIMEOUT_MS,
    });
    await new Promise<void>((resolve) => breaker.once('storeUp', resolve));
    return {
      fire: (input) => breaker.fire(input),
      close() {
        breaker.shutdown();
        return breaker.ended();
      },
    };
  },

  async opossum(_place, action, hasTimeout) {
    const breaker = opossumOf(action, hasTimeout);
    return { fire: (input) => breaker.fire(input), close: async () => breaker.shutdown() };
  },

  async cockatiel(_place, action, hasTimeout) {
    const breaker = circuitBreaker(handleAll, {
      halfOpenAfter: RESET_MS,
      breaker: new SamplingBreaker({ threshold: PERCENT / 100, duration: WINDOW_MS }),
    });
    const policy = hasTimeout
      ? wrap(breaker, timeout(TIMEOUT_MS, TimeoutStrategy.Aggressive))
      : breaker;
    return { fire: (input) => policy.execute(() => action(input)), close: async () => {} };
  },

  async asking({ redisUrl, prefix }, action, hasTimeout) {
    const redis = new Redis(redisUrl);
    const breaker = opossumOf(action, hasTimeout);
    return {
      async fire(input) {
        if ((await redis.get(`${prefix}:dependency`)) === 'open') throw new Error('open');
        return breaker.fire(input);
      },
      async close() {
        breaker.shutdown();
        await redis.quit();
      },
    };
  },
};

function opossumOf(action: Action, hasTimeout: boolean): Opossum {
  const made: unknown = new opossum(action, { ...OPTIONS, timeout: hasTimeout && TIMEOUT_MS });
  return made as Opossum;
}
