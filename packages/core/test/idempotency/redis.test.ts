import { testRedis } from '@bulletproof/test-kit';
import { afterAll } from '@jest/globals';
import { recordStoreConformance } from './conformance/suite.js';
import { redisSubject } from './subject.js';

const redis = testRedis();

afterAll(() => redis.close());

recordStoreConformance('in Redis', () => redisSubject(redis.client));
