import { type Config, readConfig } from '../../src/config.js';
import type { TestDatabase } from './test-database.js';

/** The environment of a process that works on a test's servers. */
export function testConfig(
  { url, schema }: Pick<TestDatabase, 'url' | 'schema'>,
  { redis, prefix, ...more }: { redis: string; prefix: string } & Record<string, string>,
): Config {
  return readConfig({
    DATABASE_URL: url,
    ORDERS_SCHEMA: schema,
    REDIS_URL: redis,
    ORDERS_PREFIX: prefix,
    GATEWAY_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'silent',
    PORT: '0',
    ...more,
  });
}
