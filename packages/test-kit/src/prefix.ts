import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * A key prefix that nobody else uses: one for each test, so that all of them can share a server. It contains the id of the test
 * command, by which the command's end finds what is left.
 */
export function uniquePrefix(label = 't'): string {
  return `${label}-${process.env.TEST_RUN_ID ?? ''}${randomBytes(6).toString('hex')}`;
}

/**
 * What BullMQ keeps for a queue for as long as the queue exists: its settings, its counter of ids, its (trimmed) stream of
 * events and the marker that wakes workers.
 */
export const BULLMQ_PERMANENT_KEYS = /:(?:meta|id|events|marker)$/;

/**
 * The keys under a prefix (as it is, or as a hash tag `{prefix}`) that would stay for ever: without a time to live and not on the
 * list of allowed ones. Sorted.
 */
export async function leftoverKeys(
  redis: Redis,
  prefix: string,
  { allow = [BULLMQ_PERMANENT_KEYS] }: { allow?: readonly RegExp[] } = {},
): Promise<string[]> {
  const keys = await keysUnder(redis, prefix);
  const unexpected = keys.filter((key) => !allow.some((pattern) => pattern.test(key)));
  const ttls = await Promise.all(unexpected.map((key) => redis.pttl(key)));
  return unexpected.filter((_, index) => ttls[index] === -1);
}

/** All keys under a prefix, sorted; the prefix stands in them as it is or as a hash tag. */
export async function keysUnder(redis: Redis, prefix: string): Promise<string[]> {
  const literal = prefix.replace(/[\\*?[\]]/g, '\\$&');
  const found = new Set<string>();
  for (const match of [`${literal}:*`, `{${literal}}:*`]) {
    for await (const page of redis.scanStream({ match, count: 1_000 })) {
      for (const key of page as string[]) found.add(key);
    }
  }
  return [...found].sort();
}

/** Removes every key under a prefix. */
export async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  const keys = await keysUnder(redis, prefix);
  // One by one: on a node of a cluster, keys of several slots may not share a command.
  const removal = redis.pipeline();
  for (const key of keys) removal.unlink(key);
  await removal.exec();
}
