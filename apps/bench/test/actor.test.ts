import { testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { Actor } from '../src/actor/actor.js';
import { QUEUE } from '../src/sides/side.js';

const redis = testRedis();
afterAll(() => redis.close());

const actors: Actor[] = [];
afterEach(() => Promise.all(actors.splice(0).map((actor) => actor.end())));
const actorOf = (side: 'ours' | 'bare') => {
  const actor = new Actor(side);
  actors.push(actor);
  return actor;
};

describe.each(['ours', 'bare'] as const)('an actor for %s', (side) => {
  test('enqueues exactly what it is asked to, and measures it without the warm-up', async () => {
    const place = { redisUrl: redis.url, prefix: uniquePrefix('bench'), keyed: false };
    const task = { kind: 'enqueue', place, jobs: 25, warmUp: 5, inFlight: 4 } as const;
    const sample = await actorOf(side).perform(task);
    expect(sample.jobs).toBe(25);
    expect(sample.elapsedUs).toBeGreaterThan(0);
    expect(sample.redis.scripts).toBeGreaterThanOrEqual(25);
    expect(await redis.client.llen(`${place.prefix}:${QUEUE}:wait`)).toBe(30);
    await redis.client.del(await redis.client.keys(`${place.prefix}:*`));
  });

  test('says what went wrong instead of measuring it', async () => {
    const prefix = uniquePrefix('bench');
    const place = { redisUrl: redis.url, prefix, keyed: false };
    // A job that is not the scenario's makes the count wrong.
    await redis.client.rpush(`${prefix}:${QUEUE}:wait`, 'stranger');
    const task = { kind: 'enqueue', place, jobs: 2, warmUp: 0, inFlight: 1 } as const;
    await expect(actorOf(side).perform(task)).rejects.toThrow(
      `${side}, enqueue: Error: jobs in the queue: expected 2, found 3`,
    );
    await redis.client.del(await redis.client.keys(`${prefix}:*`));
  });
});

test('an actor whose process ends fails what it was doing', async () => {
  const actor = actorOf('bare');
  const place = { redisUrl: 'redis://127.0.0.1:1', prefix: 'nowhere', keyed: false };
  const doing = actor.perform({ kind: 'listen', place, concurrency: 1 });
  const failed = expect(doing).rejects.toThrow(/process ended|ECONNREFUSED/);
  await actor.end();
  await failed;
});
