import { type OwnRedisOptions, ownRedis } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { checkServer, openRedis } from '../../src/index.js';

async function warningsOf(
  options: OwnRedisOptions,
  settings: Record<string, string> = {},
): Promise<string[]> {
  const server = await ownRedis(options);
  for (const [name, value] of Object.entries(settings)) await server.config(name, value);
  const connection = openRedis(server.url, { name: 'x' });
  try {
    return (await checkServer(connection)).map(({ code }) => code);
  } finally {
    await connection.close();
    await server.stop();
  }
}

describe('checkServer', () => {
  it('has nothing against a server that keeps its data', async () => {
    expect(await warningsOf({ appendOnly: 'everysec' })).toEqual([]);
    expect(await warningsOf({}, { save: '3600 1' })).toEqual([]);
  });

  it('warns when nothing is written to disk', async () => {
    expect(await warningsOf({}, { save: '' })).toEqual(['NO_PERSISTENCE']);
  });

  it('warns when keys may be evicted', async () => {
    const settings = { 'maxmemory-policy': 'allkeys-lru' };
    expect(await warningsOf({ appendOnly: 'always' }, settings)).toEqual(['EVICTION']);
  });

  it('says nothing of what it may not see', async () => {
    const server = await ownRedis();
    await server.client.acl('SETUSER', 'blind', 'on', '>pw', '~*', '+@all', '-info', '-config');
    const url = Object.assign(new URL(server.url), { username: 'blind', password: 'pw' }).href;
    const connection = openRedis(url, { name: 'x', overrides: { enableReadyCheck: false } });
    expect(await checkServer(connection)).toEqual([]);
    await connection.close();
    await server.stop();
  });

  it('says what may happen and what to do', async () => {
    const server = await ownRedis();
    await server.config('maxmemory-policy', 'volatile-ttl');
    const connection = openRedis(server.url, { name: 'x' });
    const [eviction] = await checkServer(connection);
    expect(eviction?.message).toBe(
      'Redis has maxmemory-policy volatile-ttl: when memory runs out it deletes jobs and records; set maxmemory-policy noeviction',
    );
    await connection.close();
    await server.stop();
  });
});
