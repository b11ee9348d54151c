import { afterAll, describe, expect, it } from '@jest/globals';
import { keysUnder, leftoverKeys, removeKeys, testRedis, uniquePrefix } from '../src/index.js';

const redis = testRedis();
afterAll(() => redis.close());

describe('key prefixes', () => {
  it('are never the same twice', () => {
    const many = new Set(Array.from({ length: 1_000 }, () => uniquePrefix()));
    expect(many.size).toBe(1_000);
    expect(uniquePrefix('orders')).toMatch(/^orders-[0-9a-f]{24}$/);
  });

  it('find what a test left for ever, and nothing else', async () => {
    const prefix = uniquePrefix();
    await redis.client.set(`${prefix}:forgotten`, '1');
    await redis.client.set(`{${prefix}}:tagged`, '1');
    await redis.client.set(`${prefix}:passing`, '1', 'EX', 100);
    await redis.client.set(`${prefix}:default:meta`, '1');
    await redis.client.set(`${prefix}x:of-another-test`, '1', 'EX', 100);
    expect(await leftoverKeys(redis.client, prefix)).toEqual([
      `${prefix}:forgotten`,
      `{${prefix}}:tagged`,
    ]);
    expect(await leftoverKeys(redis.client, prefix, { allow: [/tagged$/] })).toEqual([
      `${prefix}:default:meta`,
      `${prefix}:forgotten`,
    ]);
    await removeKeys(redis.client, prefix);
    expect(await keysUnder(redis.client, prefix)).toEqual([]);
  });

  it('are taken literally, also with signs that Redis patterns know', async () => {
    const prefix = `${uniquePrefix()}[a]*`;
    await redis.client.set(`${prefix}:x`, '1');
    expect(await leftoverKeys(redis.client, prefix)).toEqual([`${prefix}:x`]);
    await removeKeys(redis.client, prefix);
  });
});
