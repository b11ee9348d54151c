import { testRedis } from '@bulletproof/test-kit';
import { afterAll, describe, it } from '@jest/globals';
import { recordStoreConformance } from './conformance/suite.js';
import { KEY_CASES } from './redis-keys.js';
import { redisSubject } from './subject.js';

const redis = testRedis();

afterAll(() => redis.close());

recordStoreConformance('in Redis', () => redisSubject(redis.client));

describe('keys of the record store in Redis', () => {
  it.each(KEY_CASES.map((one) => [one.title, one] as const))('%s', async (_title, one) => {
    const subject = redisSubject(redis.client);
    try {
      await one.run(subject);
    } finally {
      await subject.close();
    }
  });
});
