import { testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach } from '@jest/globals';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { Bulletproof, type BulletproofOptions } from '../../src/index.js';

/** Says nothing: a test that breaks things on purpose should not shout. */
export const silent = pino({ level: 'silent' });

/** What the tests of one file work with; every test has a key prefix of its own. */
export interface Trial {
  readonly url: string;
  /** The prefix of the test that runs. */
  readonly prefix: string;
  /** A connection for the test's own questions. */
  readonly redis: Redis;
  /** An app under the test's prefix, closed with its workers when the test ends. */
  app(options?: Partial<BulletproofOptions>): Bulletproof;
  /** Closes something else, before the apps, when the test ends. */
  closing(close: () => Promise<unknown>): void;
}

/** Sets up a file of tests against the shared Redis. */
export function trial(): Trial {
  const shared = testRedis();
  const closers: (() => Promise<unknown>)[] = [];
  let prefix = '';
  beforeEach(() => {
    prefix = uniquePrefix('app');
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(() => shared.close());
  return {
    url: shared.url,
    get prefix() {
      return prefix;
    },
    get redis() {
      return shared.client;
    },
    app(options = {}) {
      const app = new Bulletproof({ redis: shared.url, prefix, logger: silent, ...options });
      closers.push(() => app.close({ deadline: '1s' }));
      return app;
    },
    closing(close) {
      closers.push(close);
    },
  };
}
