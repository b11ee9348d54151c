import { inputOf, RESULT } from '../input.js';
import type { Place, Side } from '../sides/side.js';
import { assertCount } from './assert-count.js';
import { RedisWatch } from './redis-watch.js';
import { type Sample, Stopwatch } from './stopwatch.js';

/** Jobs that wait are run until none is left. */
export interface DrainTask {
  readonly kind: 'drain';
  readonly place: Place;
  readonly jobs: number;
  /** As many run before, unmeasured. */
  readonly warmUp: number;
  readonly concurrency: number;
}

/** Measures from the start of the first handler after the warm-up to the last completion that BullMQ acknowledged. */
export async function drain(side: Side, task: DrainTask): Promise<Sample> {
  const { place, jobs, warmUp, concurrency } = task;
  const total = warmUp + jobs;
  const watch = await RedisWatch.open(place.redisUrl);
  await fill(side, place, total);

  let starts = 0;
  let stopwatch: Stopwatch | undefined;
  let lastStarts = (): void => {};
  const lastStarted = new Promise<void>((resolve) => {
    lastStarts = resolve;
  });
  const worker = await side.worker(place, concurrency, () => {
    starts += 1;
    if (starts === warmUp + 1) stopwatch = new Stopwatch(watch);
    if (starts === total) lastStarts();
    return RESULT;
  });
  await lastStarted;
  await watch.completed(place, total);
  if (!stopwatch) throw new Error('No job was measured.');
  const sample = await stopwatch.stop(jobs);
  await worker.close();
  assertCount('handlers started', starts, total);
  await watch.close();
  return sample;
}

async function fill(side: Side, place: Place, count: number): Promise<void> {
  const producer = await side.producer(place);
  await producer.addMany(Array.from({ length: count }, (_, number) => inputOf(number)));
  await producer.close();
}
