import { type OwnRedis, ownRedis, waitFor } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis as Redis5 } from 'ioredis5';
import {
  checkServer,
  classifyRedisError,
  openRedis,
  type RedisSource,
  ScriptRunner,
} from '../../src/index.js';
import { breakDown, countUp } from '../lua/scripts.generated.js';

let server: OwnRedis;

beforeAll(async () => {
  server = await ownRedis({ appendOnly: 'always' });
});

afterAll(async () => {
  await server.stop();
});

// What an application on ioredis 5 hands in; to the compiler here it is another class.
function open(url: string) {
  const given = new Redis5(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    disconnectTimeout: 50,
  });
  const source = given as unknown as RedisSource;
  const connection = openRedis(source, { name: 'on-five', overrides: { lazyConnect: false } });
  return { given, connection };
}

describe('with a client of ioredis 5', () => {
  it('duplicates it and runs scripts', async () => {
    const { given, connection } = open(server.url);
    const runner = new ScriptRunner(connection.port);
    const replies = await Promise.all([
      runner.run(countUp, { keys: { counter: 'c' }, args: { by: 2 } }),
      runner.run(countUp, { keys: { counter: 'c' }, args: { by: 3 } }),
    ]);
    expect(replies.map(({ count }) => count)).toEqual([2, 5]);
    await expect(
      runner.run(breakDown, { keys: { trace: 't' }, args: { way: 'command' } }),
    ).rejects.toThrow(/^Script break_down failed at break_down\.lua:14: WRONGTYPE/);
    expect(await checkServer(connection)).toEqual([]);
    await connection.close();
    expect(connection.client.status).toBe('end');
    expect(given.status).toBe('wait');
  });

  it('closes between two attempts to connect and rejects what is queued', async () => {
    const { connection } = open('redis://127.0.0.1:1');
    const queued = connection.client.get('a').catch((caught: unknown) => caught);
    await waitFor(connection.client, 'reconnecting');
    await connection.close();
    expect(classifyRedisError(await queued)).toBe('connection');
  });
});
