import { type OwnRedis, ownRedis, TcpProxy, until, waitFor } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  classifyRedisError,
  InvalidOptionError,
  openRedis,
  type RedisConnection,
  type RedisSource,
  ScriptRunner,
} from '../../src/index.js';
import { countUp } from '../lua/scripts.generated.js';

let server: OwnRedis;

beforeAll(async () => {
  server = await ownRedis({ password: 'se:cr/et' });
});

afterAll(async () => {
  await server.stop();
});

const closers: Array<() => Promise<void>> = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(...[source, options]: Parameters<typeof openRedis>): RedisConnection {
  const connection = openRedis(source, options);
  closers.push(connection.close);
  return connection;
}

async function openProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(server.url);
  closers.push(() => proxy.close());
  return proxy;
}

async function namesOnServer(): Promise<string[]> {
  const list = String(await server.client.client('LIST'));
  return [...list.matchAll(/ name=(\S+) /g)].map(([, name]) => name ?? '');
}

async function ping({ client }: RedisConnection): Promise<string> {
  return client.ping();
}

describe('openRedis', () => {
  it('opens a named connection from a URL', async () => {
    const connection = open(server.url, { name: 'from-url' });
    expect(await ping(connection)).toBe('PONG');
    expect(await namesOnServer()).toContain('from-url');
    expect(connection.isCluster).toBe(false);
    await connection.close();
    expect(await namesOnServer()).not.toContain('from-url');
  });

  it('opens one from options, without changing them; overrides win', async () => {
    const options = Object.freeze({
      host: server.host,
      port: server.port,
      password: 'se:cr/et',
      maxRetriesPerRequest: 3,
    });
    const overrides = { maxRetriesPerRequest: null };
    const connection = open(options, { name: 'from-options', overrides });
    expect(await ping(connection)).toBe('PONG');
    expect((connection.client as Redis).options.maxRetriesPerRequest).toBeNull();
    await connection.close();
  });

  it('duplicates a given client and never uses or closes it', async () => {
    const given = new Redis(server.url, { lazyConnect: true, connectionName: 'given' });
    const connection = open(given, { name: 'duplicate', overrides: { lazyConnect: false } });
    expect(connection.client).not.toBe(given);
    expect(await ping(connection)).toBe('PONG');
    expect(given.status).toBe('wait');
    expect(await given.ping()).toBe('PONG');
    await connection.close();
    expect(await given.ping()).toBe('PONG');
    given.disconnect();
  });

  it.each([
    ['nothing', undefined],
    ['a number', 6379],
    ['an array', ['redis://a']],
    ['a text that is no URL', 'localhost:6379'],
    ['another kind of URL', 'http://localhost:6379'],
    ['a URL with a keyPrefix', 'redis://localhost/0?keyPrefix=x'],
    ['options with a keyPrefix', { keyPrefix: 'x:' }],
    ['a client with a keyPrefix', new Redis({ keyPrefix: 'x:', lazyConnect: true })],
  ])('refuses %s', (_what, source) => {
    expect(() => openRedis(source as RedisSource, { name: 'x' })).toThrow(InvalidOptionError);
  });

  it('does not repeat a password in an error', () => {
    const wrong = () => openRedis('rediss//user:hunter2@host', { name: 'x' });
    expect(wrong).toThrow('redis: expected a URL that begins with redis:// or rediss://');
    expect(wrong).not.toThrow(/hunter2/);
  });

  it('tells connection errors to its listener', async () => {
    const errors: Error[] = [];
    const connection = open('redis://127.0.0.1:1', {
      name: 'x',
      overrides: { maxRetriesPerRequest: 0 },
      onError: (error) => errors.push(error),
    });
    const error = await ping(connection).catch((caught: unknown) => caught);
    expect(classifyRedisError(error)).toBe('connection');
    expect(classifyRedisError(errors[0])).toBe('connection');
    await connection.close();
  });

  it('closes in every state, twice without harm', async () => {
    const lazy = open(server.url, { name: 'x', overrides: { lazyConnect: true } });
    await lazy.close();
    await lazy.close();
    const connecting = open(server.url, { name: 'x' });
    await connecting.close();
    const away = open('redis://127.0.0.1:1', { name: 'x' });
    await away.close();
  });

  it('rejects what is still queued when it closes between two attempts to connect', async () => {
    const connection = open('redis://127.0.0.1:1', {
      name: 'x',
      overrides: { maxRetriesPerRequest: null },
    });
    const queued = ping(connection).catch((caught: unknown) => caught);
    await waitFor(connection.client, 'reconnecting');
    await connection.close();
    expect(connection.client.status).toBe('end');
    expect(classifyRedisError(await queued)).toBe('connection');
  });

  it('waits for what was sent before it closes', async () => {
    const connection = open(server.url, { name: 'x' });
    await ping(connection);
    const replies = Promise.all(Array.from({ length: 100 }, () => ping(connection)));
    await connection.close();
    expect(await replies).toHaveLength(100);
  });

  it('closes although the server answers nothing', async () => {
    const proxy = await openProxy();
    const connection = open(proxy.url, { name: 'x' });
    await ping(connection);
    proxy.freeze();
    await connection.close();
  });
});

describe('ScriptRunner on a bad connection', () => {
  it('rejects every call of the batch with the client’s own error', async () => {
    const proxy = await openProxy();
    const connection = open(proxy.url, {
      name: 'x',
      overrides: { maxRetriesPerRequest: 0, retryStrategy: () => 10 },
    });
    const runner = new ScriptRunner(connection.port);
    const run = () => runner.run(countUp, { keys: { counter: 'lost' }, args: { by: 1 } });
    await run();
    const lost = proxy.cutAt('evalsha', 'after');
    const settled = await Promise.allSettled([run(), run(), run()]);
    await lost;
    const reasons = settled.map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as unknown) : outcome,
    );
    expect(new Set(reasons).size).toBe(1);
    expect(classifyRedisError(reasons[0])).toBe('connection');
    // What got no answer may have run: here it had.
    expect(await server.client.get('lost')).toBe('4');
    expect((await until(run)).count).toBe(5);
  });

  it('rejects when the server does not answer in time', async () => {
    const proxy = await openProxy();
    const connection = open(proxy.url, { name: 'x', overrides: { commandTimeout: 50 } });
    const runner = new ScriptRunner(connection.port);
    await ping(connection);
    proxy.freeze('replies');
    const failing = runner.run(countUp, { keys: { counter: 'slow' }, args: { by: 1 } });
    const error = await failing.catch((caught: unknown) => caught);
    expect(classifyRedisError(error)).toBe('timeout');
    proxy.thaw();
  });
});
