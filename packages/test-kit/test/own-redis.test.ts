import { afterEach, describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import {
  commandsDuring,
  type OwnRedis,
  type OwnRedisOptions,
  ownCluster,
  ownRedis,
  processState,
  totalCommands,
} from '../src/index.js';

const started: { stop(): Promise<void> }[] = [];
async function start(options?: OwnRedisOptions): Promise<OwnRedis> {
  const server = await ownRedis(options);
  started.push(server);
  return server;
}
afterEach(async () => {
  for (const server of started.splice(0).reverse()) await server.stop();
});

describe('ownRedis', () => {
  it('keeps what it acknowledged through kill -9 with appendonly always', async () => {
    const server = await start({ appendOnly: 'always' });
    await server.client.set('kept', 'yes');
    await server.kill();
    expect(server.pid).toBeUndefined();
    await server.restart();
    expect(await server.client.get('kept')).toBe('yes');
  });

  it('forgets all without persistence', async () => {
    const server = await start();
    await server.client.set('kept', 'yes');
    await server.restart();
    expect(await server.client.get('kept')).toBeNull();
  });

  it('answers nothing while it is paused, and all of it afterwards', async () => {
    const server = await start();
    const neighbour = await start();
    await server.client.ping();
    await server.pause();
    expect(processState(Number(server.pid))).toBe('stopped');
    let answered = false;
    const answer = server.client.ping().then((pong) => {
      answered = true;
      return pong;
    });
    await neighbour.client.ping();
    expect(answered).toBe(false);
    await server.resume();
    expect(await answer).toBe('PONG');
  });

  it('stops although it is paused', async () => {
    const server = await start();
    await server.pause();
    await server.stop();
    expect(server.pid).toBeUndefined();
  });

  it('refuses writes over its memory limit', async () => {
    const server = await start({ maxMemory: 1 });
    await expect(server.client.set('a', '1')).rejects.toThrow(/^OOM/);
    await server.config('maxmemory', '10mb');
    await expect(server.client.set('a', '1')).resolves.toBe('OK');
  });

  it('asks for its password', async () => {
    const server = await start({ password: 'se cret' });
    expect(await server.client.ping()).toBe('PONG');
    const stranger = server.client.duplicate({ password: 'wrong', retryStrategy: () => null });
    stranger.on('error', () => {});
    await expect(stranger.ping()).rejects.toThrow(/WRONGPASS|closed/i);
    stranger.disconnect();
  });

  it('follows a primary, read-only', async () => {
    const primary = await start({ password: 'secret' });
    await primary.client.set('a', '1');
    const replica = await start({ replicaOf: primary });
    expect(await replica.client.get('a')).toBe('1');
    await expect(replica.client.set('a', '2')).rejects.toThrow(/READONLY/);
  });

  it('counts the commands of a piece of work', async () => {
    const server = await start();
    const counts = await commandsDuring(server.client, async () => {
      await server.client.set('a', '1');
      await server.client.eval(
        "redis.call('GET', KEYS[1]) return redis.call('GET', KEYS[1])",
        1,
        'a',
      );
    });
    expect(counts).toEqual({ set: 1, eval: 1, get: 2 });
    expect(totalCommands(counts)).toBe(4);
  });
});

describe('ownCluster', () => {
  it('is a whole cluster of several nodes', async () => {
    const cluster = await ownCluster();
    started.push(cluster);
    const client = new Cluster([...cluster.startNodes]);
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => client.set(key, key)));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
    const sizes = await Promise.all(cluster.nodes.map((node) => node.client.dbsize()));
    expect(sizes.every((size) => size > 0)).toBe(true);
    client.disconnect();
  }, 40_000);
});
