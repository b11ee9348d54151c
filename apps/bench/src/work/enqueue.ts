import { type Input, inputOf } from '../input.js';
import type { Place, Producer, Side } from '../sides/side.js';
import { assertCount } from './assert-count.js';
import { RedisWatch } from './redis-watch.js';
import { type Sample, Stopwatch } from './stopwatch.js';

/** Jobs are enqueued and nobody works. */
export interface EnqueueTask {
  readonly kind: 'enqueue';
  readonly place: Place;
  readonly jobs: number;
  /** As many are enqueued before, unmeasured. */
  readonly warmUp: number;
  /** How many enqueues are under way at once; 'all' hands all of them over in one call. */
  readonly inFlight: number | 'all';
}

/** Measures from the first enqueue after the warm-up until all of them are in the queue. */
export async function enqueue(side: Side, task: EnqueueTask): Promise<Sample> {
  const { place, jobs, warmUp, inFlight } = task;
  const watch = await RedisWatch.open(place.redisUrl);
  const producer = await side.producer(place);
  const send = inFlight === 'all' ? all : (...what: Sending) => some(inFlight, ...what);
  await send(producer, inputs(0, warmUp));
  const stopwatch = new Stopwatch(watch);
  await send(producer, inputs(warmUp, jobs));
  const sample = await stopwatch.stop(jobs);
  await producer.close();
  assertCount('jobs in the queue', await watch.waiting(place), warmUp + jobs);
  await watch.close();
  return sample;
}

type Sending = readonly [producer: Producer, inputs: Iterator<Input> & Iterable<Input>];

/** Made on the way: a producer that reads them pays for them, on both sides alike. */
function* inputs(first: number, count: number): Generator<Input> {
  for (let number = first; number < first + count; number += 1) yield inputOf(number);
}

async function all(...[producer, source]: Sending): Promise<void> {
  await producer.addMany(source);
}

async function some(lanes: number, ...[producer, source]: Sending): Promise<void> {
  const lane = async (): Promise<void> => {
    for (;;) {
      const { done, value } = source.next();
      if (done) return;
      await producer.add(value);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
