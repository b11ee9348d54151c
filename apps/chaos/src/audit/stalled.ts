import { keysUnder } from '@bulletproof/test-kit';
import { eventsOf } from '../conductor/deliveries.js';
import type { Stage } from '../conductor/stage.js';

/** Ids of deliveries that BullMQ counts as stalled: by the counter in the job, or by its stream of events. */
export async function stalledDeliveries(stage: Stage): Promise<string[]> {
  const { redis, prefix } = stage;
  const jobs = (await keysUnder(redis, prefix)).filter((key) => /:default:k-[^:]*$/.test(key));
  const counters = await Promise.all(jobs.map((key) => redis.hget(key, 'stc')));
  const counted = jobs.filter((_, at) => Number(counters[at] ?? 0) > 0);
  const told = (await eventsOf(stage)).filter(({ event }) => event === 'stalled');
  const ids = [
    ...counted.map((key) => key.slice(key.lastIndexOf(':') + 1)),
    ...told.map(({ id }) => id),
  ];
  return [...new Set(ids)];
}
