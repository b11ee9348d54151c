import { RESULT } from '../input.js';
import { GUARDS, type Guard, type GuardName } from '../sides/guards.js';
import type { Place } from '../sides/side.js';
import { assertCount } from './assert-count.js';
import { RedisWatch } from './redis-watch.js';
import { type Sample, Stopwatch } from './stopwatch.js';

/** Calls go through a breaker that stays closed. */
export interface FireTask {
  readonly kind: 'fire';
  readonly place: Place;
  readonly jobs: number;
  /** As many calls before, unmeasured. */
  readonly warmUp: number;
  readonly guard: GuardName;
  readonly hasTimeout: boolean;
}

/** Calls between two turns of the event loop: what is done in the background belongs to the price. */
const A_TURN = 1_000;

/** Measures from the first call after the warm-up until the last has ended. */
export async function fire(task: FireTask): Promise<Sample> {
  const { place, jobs, warmUp, guard: name, hasTimeout } = task;
  let calls = 0;
  const action = async (): Promise<unknown> => {
    calls += 1;
    return RESULT;
  };
  const watch = await RedisWatch.open(place.redisUrl);
  const guard = await GUARDS[name](place, action, hasTimeout);
  await inTurn(guard, warmUp);
  const stopwatch = new Stopwatch(watch);
  await inTurn(guard, jobs);
  const sample = await stopwatch.stop(jobs);
  await guard.close();
  assertCount('calls', calls, warmUp + jobs);
  await watch.close();
  return sample;
}

async function inTurn(guard: Guard, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await guard.fire(number);
    if (number % A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
