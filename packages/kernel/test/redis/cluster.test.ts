import { commandCount, type OwnCluster, ownCluster, waitFor } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import {
  checkServer,
  classifyRedisError,
  InvalidOptionError,
  keyspace,
  openRedis,
  type RedisConnection,
  ScriptError,
  ScriptRunner,
  TAG_COUNT,
} from '../../src/index.js';
import { countUp, echo } from '../lua/scripts.generated.js';

let cluster: OwnCluster;
let given: Cluster;
let connection: RedisConnection;
let runner: ScriptRunner;
const keys = keyspace('shop');

beforeAll(async () => {
  cluster = await ownCluster();
  given = new Cluster([...cluster.startNodes], { lazyConnect: true });
  connection = openRedis(given, { name: 'on-cluster', overrides: { lazyConnect: false } });
  runner = new ScriptRunner(connection.port);
}, 30_000);

afterAll(async () => {
  await connection.close();
  given.disconnect();
  await cluster.stop();
});

async function evalsOnNodes(): Promise<number[]> {
  const counts = await Promise.all(cluster.nodes.map(({ client }) => commandCount(client)));
  return counts.map(({ evalsha = 0 }) => evalsha);
}

describe('on Redis Cluster', () => {
  it('duplicates a given cluster client and leaves it alone', () => {
    expect(connection.isCluster).toBe(true);
    expect(connection.client).not.toBe(given);
    expect(given.status).toBe('wait');
  });

  it('refuses a keyPrefix', () => {
    const prefixed = new Cluster([], { lazyConnect: true, redisOptions: { keyPrefix: 'x:' } });
    expect(() => openRedis(prefixed, { name: 'x' })).toThrow(InvalidOptionError);
  });

  it('closes in every state, and rejects what is still queued', async () => {
    const away = new Cluster([{ host: '127.0.0.1', port: 1 }], {
      lazyConnect: true,
      clusterRetryStrategy: () => 1_000,
      redisOptions: { disconnectTimeout: 50 },
    });
    const closing = openRedis(away, { name: 'x', overrides: { lazyConnect: false } });
    const queued = closing.client.get('a').catch((caught: unknown) => caught);
    await waitFor(closing.client, 'reconnecting');
    await closing.close();
    expect(closing.client.status).toBe('end');
    expect(classifyRedisError(await queued)).toBe('connection');
    const lazy = openRedis(given, { name: 'x' });
    await lazy.close();
    const connecting = openRedis(given, { name: 'x', overrides: { lazyConnect: false } });
    await connecting.close();
    expect([lazy.client.status, connecting.client.status]).toEqual(['end', 'end']);
  });

  it('sends one command for each hash tag', async () => {
    const run = (tag: number) =>
      runner.run(countUp, { keys: { counter: keys.key(tag, 'count') }, args: { by: 1 } });
    const everyTag = Array.from({ length: TAG_COUNT }, (_, tag) => tag);
    await Promise.all(everyTag.map(run));
    const before = await evalsOnNodes();
    const replies = await Promise.all([...everyTag, ...everyTag].map(run));
    const after = await evalsOnNodes();
    expect(replies.map(({ count }) => count)).toEqual([
      ...everyTag.map(() => 2),
      ...everyTag.map(() => 3),
    ]);
    const sent = after.map((count, node) => count - (before[node] ?? 0));
    expect(sent.reduce((sum, count) => sum + count)).toBe(TAG_COUNT);
  });

  it('puts work on every node of three', async () => {
    expect((await evalsOnNodes()).every((count) => count > 0)).toBe(true);
  });

  it('refuses a call over two hash tags before it can harm others', async () => {
    const args = { text: '', whole: 1, real: 1 };
    const call = (second: number) =>
      runner.run(echo, { keys: { first: keys.key(1, 'a'), second: keys.key(second, 'b') }, args });
    const settled = await Promise.allSettled([call(1), call(2), call(1)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(call(2)).rejects.toThrow(ScriptError);
    await expect(call(2)).rejects.toThrow('keys of two hash tags, r01 and r02');
  });

  it('checks every primary', async () => {
    await cluster.nodes[1]?.config('maxmemory-policy', 'allkeys-random');
    expect((await checkServer(connection)).map(({ code }) => code)).toContain('EVICTION');
  });
});
