import { keysUnder } from '@bulletproof/test-kit';
import type { Stage } from '../conductor/stage.js';

const LONGER_MS = 2_000;

/** Makes the leases of all probes last, as if their holders went on renewing them. */
export async function prolongLeases({ redis, prefix }: Stage): Promise<void> {
  const keys = (await keysUnder(redis, prefix)).filter((key) => key.endsWith(':leases'));
  for (const key of keys) {
    for (const token of await redis.zrange(key, '0', '-1'))
      await redis.zincrby(key, LONGER_MS, token);
  }
}
