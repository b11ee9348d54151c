import { keysUnder } from '@bulletproof/test-kit';
import type { Stage } from '../conductor/stage.js';

/** Our own keys carry the hash tag of a record; BullMQ's do not. */
const RECORD = /:\{r\d\d\}:key:/;

/** Deletes every record of an idempotency key, as nothing in the product ever does. */
export async function forgetRecords(stage: Stage, prefix = stage.prefix): Promise<void> {
  const records = (await keysUnder(stage.redis, prefix)).filter((key) => RECORD.test(key));
  for (let at = 0; at < records.length; at += 1_000) {
    await stage.redis.unlink(...records.slice(at, at + 1_000));
  }
}
