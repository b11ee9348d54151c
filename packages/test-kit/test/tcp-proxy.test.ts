import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { disconnect, TcpProxy, testRedis, uniquePrefix, until, waitFor } from '../src/index.js';

const redis = testRedis();
let proxy: TcpProxy;
let client: Redis;
let key: string;

beforeEach(async () => {
  key = uniquePrefix();
  proxy = await TcpProxy.open(redis.url);
  client = new Redis(proxy.url, {
    maxRetriesPerRequest: 0,
    disconnectTimeout: 50,
    retryStrategy: () => 5,
  });
  client.on('error', () => {});
  await client.ping();
});
afterEach(async () => {
  await disconnect(client);
  await proxy.close();
  await redis.client.del(key);
});
afterAll(() => redis.close());

describe('TcpProxy', () => {
  it('passes everything on', async () => {
    const large = 'x'.repeat(1_000_000);
    await client.set(key, large);
    expect(await client.get(key)).toBe(large);
    expect(proxy.connections).toBe(1);
  });

  it('cuts what is open and accepts what comes next', async () => {
    const closed = waitFor(client, 'close');
    proxy.cut();
    await closed;
    expect(await until(() => client.ping())).toBe('PONG');
  });

  it('refuses new connections until it accepts again', async () => {
    proxy.refuse();
    await waitFor(client, 'reconnecting');
    await waitFor(client, 'close');
    expect(proxy.connections).toBe(0);
    proxy.accept();
    expect(await until(() => client.ping())).toBe('PONG');
  });

  it('holds requests back while frozen, and lets them through afterwards', async () => {
    proxy.freeze('requests');
    const written = client.set(key, 'late');
    await redis.client.ping();
    expect(await redis.client.get(key)).toBeNull();
    proxy.thaw();
    expect(await written).toBe('OK');
  });

  it('holds replies back while the server has executed the request', async () => {
    proxy.freeze('replies');
    const written = client.set(key, 'done');
    await until(() => redis.client.get(key));
    proxy.thaw();
    expect(await written).toBe('OK');
  });

  it('loses the answer of a request that was executed', async () => {
    const cut = proxy.cutAt('incr', 'after');
    const outcome = client.incr(key);
    await cut;
    await expect(outcome).rejects.toThrow(/max retries per request/i);
    expect(await redis.client.get(key)).toBe('1');
  });

  it('loses a request before the server sees it', async () => {
    const cut = proxy.cutAt('incr', 'before');
    const outcome = client.incr(key);
    await cut;
    await expect(outcome).rejects.toThrow(/max retries per request/i);
    expect(await redis.client.get(key)).toBeNull();
  });

  it('delays both ways without mixing up the order', async () => {
    proxy.delay(30);
    const start = performance.now();
    const first = client.rpush(key, 'first');
    proxy.delay(0);
    const second = client.rpush(key, 'second');
    await Promise.all([first, second]);
    expect(await redis.client.lrange(key, 0, -1)).toEqual(['first', 'second']);
    expect(performance.now() - start).toBeGreaterThan(0);
  });

  it('drops replies for good', async () => {
    proxy.drop('replies');
    const lost = client.set(key, 'executed');
    await until(() => redis.client.get(key));
    proxy.drop('nothing');
    proxy.cut();
    await expect(lost).rejects.toThrow(/max retries per request/i);
  });
});
