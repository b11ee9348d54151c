import { inputOf } from '../input.js';
import { jobOf, open } from '../sides/ours.js';
import { openTables, outbox, relayInto } from '../sides/outbox.js';
import type { Place } from '../sides/side.js';
import { assertCount } from './assert-count.js';
import { RedisWatch } from './redis-watch.js';
import { type Sample, Stopwatch } from './stopwatch.js';

/** Calls that lie in the outbox are brought to their queue, and nobody works. */
export interface RelayTask {
  readonly kind: 'relay';
  readonly place: Place;
  readonly jobs: number;
  /** As many are relayed before, unmeasured. */
  readonly warmUp: number;
  /** Most rows of one transaction. */
  readonly batch: number;
}

/** Measures from the first batch after the warm-up until the outbox is empty. */
export async function relay(task: RelayTask): Promise<Sample> {
  const { place, jobs, warmUp, batch } = task;
  const watch = await RedisWatch.open(place.redisUrl);
  const tables = await openTables(place);
  const app = open(place);
  app.register(jobOf(place, () => undefined));
  const relaying = relayInto(app, tables, batch);
  const write = async (first: number, count: number): Promise<void> => {
    const producer = await outbox.producer(place);
    await producer.addMany(Array.from({ length: count }, (_, nth) => inputOf(first + nth)));
    await producer.close();
  };
  const untilEmpty = async (): Promise<void> => {
    while ((await relaying.relay()).taken > 0);
  };
  await write(0, warmUp);
  await untilEmpty();
  await write(warmUp, jobs);
  const stopwatch = new Stopwatch(watch);
  await untilEmpty();
  const sample = await stopwatch.stop(jobs);
  await relaying.close();
  assertCount('jobs in the queue', await watch.waiting(place), warmUp + jobs);
  await app.close();
  await tables.drop();
  await watch.close();
  return sample;
}
