import { Bulletproof, type BulletproofOptions } from '@bulletproof/core';
import { testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach } from '@jest/globals';
import { pino } from 'pino';

export const silent = pino({ level: 'silent' });

/** Apps of one test file, closed after each test; each under a prefix of its own. */
export function apps(): (options?: Partial<BulletproofOptions>) => Bulletproof {
  const redis = testRedis();
  let open: Bulletproof[] = [];
  afterEach(async () => {
    await Promise.all(open.map((app) => app.close({ deadline: '1s' })));
    open = [];
  });
  afterAll(() => redis.close());
  return (options = {}) => {
    const app = new Bulletproof({
      redis: redis.url,
      prefix: uniquePrefix('pg'),
      logger: silent,
      ...options,
    });
    open.push(app);
    return app;
  };
}
