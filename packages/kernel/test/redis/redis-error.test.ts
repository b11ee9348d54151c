import { type OwnRedis, ownRedis } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import {
  classifyRedisError,
  openRedis,
  type RedisConnection,
  ScriptRunner,
} from '../../src/index.js';
import { countUp } from '../lua/scripts.generated.js';

async function on(
  server: OwnRedis,
  url: string,
  act: (connection: RedisConnection) => Promise<unknown>,
): Promise<unknown> {
  const connection = openRedis(url, { name: 'x', overrides: { maxRetriesPerRequest: 0 } });
  try {
    return await act(connection).then(
      (value) => value,
      (error: unknown) => error,
    );
  } finally {
    await connection.close();
    await server.stop();
  }
}

const count = ({ port }: RedisConnection) =>
  new ScriptRunner(port).run(countUp, { keys: { counter: 'c' }, args: { by: 1 } });
const set = ({ client }: RedisConnection) => client.set('c', '1');

describe('classifyRedisError, with errors of a real server', () => {
  it.each([
    ['a command', set],
    ['a script', count],
  ])('knows a replica that takes no writes (%s)', async (_what, act) => {
    const primary = await ownRedis();
    const replica = await ownRedis({ replicaOf: primary });
    const error = await on(replica, replica.url, act);
    await primary.stop();
    expect(classifyRedisError(error)).toBe('read-only');
  });

  it.each([
    ['a command', set],
    ['a script', count],
  ])('knows a server out of memory (%s)', async (_what, act) => {
    const server = await ownRedis({ maxMemory: 1 });
    expect(classifyRedisError(await on(server, server.url, act))).toBe('out-of-memory');
  });

  it.each([
    ['none', (url: URL) => Object.assign(url, { password: '' })],
    ['a wrong one', (url: URL) => Object.assign(url, { password: 'wrong' })],
    ['a wrong user', (url: URL) => Object.assign(url, { username: 'nobody' })],
  ])('knows a password that does not fit (%s)', async (_what, change) => {
    const server = await ownRedis({ password: 'secret' });
    const { href } = change(new URL(server.url));
    expect(classifyRedisError(await on(server, href, set))).toBe('auth');
  });

  it.each([
    ['a command', set],
    ['a script', count],
  ])('knows a missing permission (%s)', async (_what, act) => {
    const server = await ownRedis();
    await server.client.acl('SETUSER', 'default', '-set', '-incrby');
    const error = await on(server, server.url, act);
    expect(classifyRedisError(error)).toBe('no-permission');
  });

  it('knows a cluster without its slots', async () => {
    const node = await ownRedis({ args: ['--cluster-enabled', 'yes'] });
    expect(classifyRedisError(await on(node, node.url, set))).toBe('cluster-down');
  });
});

describe('classifyRedisError', () => {
  it('knows a server that is still loading, and causes behind an error', () => {
    const loading = new Error('LOADING Redis is loading the dataset in memory');
    expect(classifyRedisError(loading)).toBe('loading');
    expect(classifyRedisError(new Error('outer', { cause: loading }))).toBe('loading');
    const allFailed = Object.assign(new Error('Failed to refresh slots cache.'), {
      lastNodeError: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    });
    expect(classifyRedisError(allFailed)).toBe('connection');
  });

  it('claims nothing else', () => {
    const others = [
      undefined,
      'READONLY',
      new Error('WRONGTYPE Operation against a key'),
      new Error('ERR syntax error'),
      new TypeError('x is not a function'),
      Object.assign(new Error('x'), { code: 'ENOENT' }),
    ];
    for (const other of others) expect(classifyRedisError(other)).toBeUndefined();
  });
});
