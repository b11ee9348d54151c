import { keysUnder } from '@bulletproof/test-kit';
import type { Stage } from '../conductor/stage.js';

/** BullMQ's memory of what was added: its deduplication keys. */
const ADDED_ONCE = /:de:/;

/** Deletes what makes an add unique beyond the life of its job. */
export async function forgetDeliveries({ redis, prefix }: Stage): Promise<void> {
  const keys = (await keysUnder(redis, prefix)).filter((key) => ADDED_ONCE.test(key));
  if (keys.length > 0) await redis.unlink(...keys);
}
