import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Bulletproof, type BulletproofOptions, InvalidOptionError } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { silent, trial } from './trial.js';

const REDIS = 'a redis:// or rediss:// URL, ioredis options, or a Redis or Cluster instance';
const SPAN = 'a duration from 1 ms to 3155760000000 ms';
const DURATION = "a duration (milliseconds, or text such as '250ms', '30s', '5m', '1h', '7d')";
const QUEUE_NAME = 'a queue name of 1 to 256 characters without ":", braces or spaces';
const PREFIX =
  'text of 1 to 128 bytes without spaces, control characters or braces (one pair around all of it is fine)';
const KNOWN =
  'redis, prefix, queues, logger, defaults, keepResultFor, keepDeadFor, enqueueTimeout, maxPayloadBytes, maxCrashes, lease';

/** Option, what was got, the bad value, what was expected. */
const refused: readonly (readonly [string, string, unknown, string])[] = [
  ['redis', 'undefined', undefined, REDIS],
  ['redis', 'an array of 0', [], REDIS],
  ['redis', '6379', 6379, REDIS],
  ['redis', 'null', null, REDIS],
  ['prefix', '""', '', PREFIX],
  ['prefix', '"with space"', 'with space', PREFIX],
  ['prefix', '"a{b}c"', 'a{b}c', PREFIX],
  ['prefix', '7', 7, PREFIX],
  ['queues', '"default"', 'default', 'an array'],
  ['queues', '[]', [], 'at least one queue, each named once'],
  ['queues', '["a","b","a"]', ['a', 'b', 'a'], 'at least one queue, each named once'],
  ['queues[1]', '"b:c"', ['a', 'b:c'], QUEUE_NAME],
  ['queues[0]', '""', [''], QUEUE_NAME],
  ['queues[0]', '"{a}"', ['{a}'], QUEUE_NAME],
  ['queues[0]', '"a b"', ['a b'], QUEUE_NAME],
  ['queues[0]', '3', [3], QUEUE_NAME],
  ['logger', 'an object', {}, 'a pino logger'],
  ['logger', 'null', null, 'a pino logger'],
  ['logger', '"warn"', 'warn', 'a pino logger'],
  ['logger', 'an object', { ...silent }, 'a pino logger'],
  ['defaults', '5', 5, 'an object of options'],
  ['defaults.attempts', '0', { attempts: 0 }, 'a whole number from 1 to 9007199254740991'],
  ['defaults.timeout', '"0s"', { timeout: '0s' }, SPAN],
  ['defaults.backoff.jitter', '2', { backoff: { jitter: 2 } }, 'a number from 0 to 1'],
  ['defaults.backoff.type', '"x"', { backoff: { type: 'x' } }, "'fixed' or 'exponential'"],
  ['defaults.idempotency.keepFor', '-1', { idempotency: { keepFor: -1 } }, DURATION],
  ['keepResultFor', '0', 0, SPAN],
  ['keepResultFor', '"1 hour"', '1 hour', DURATION],
  ['keepDeadFor', 'NaN', Number.NaN, DURATION],
  ['keepDeadFor', '"40000d"', '40000d', 'a duration of at most 100 years'],
  ['enqueueTimeout', '"0ms"', '0ms', SPAN],
  ['enqueueTimeout', 'Infinity', Infinity, DURATION],
  ['maxPayloadBytes', '0', 0, 'a whole number from 1 to 268435456'],
  ['maxPayloadBytes', '1.5', 1.5, 'a whole number from 1 to 268435456'],
  ['maxPayloadBytes', '"1mb"', '1mb', 'a whole number from 1 to 268435456'],
  ['maxCrashes', '0', 0, 'a whole number from 1 to 1000000'],
  ['lease', '"499ms"', '499ms', 'a duration from 500 ms to 3600000 ms'],
  ['lease', '"2h"', '2h', 'a duration from 500 ms to 3600000 ms'],
];

const { app, url } = trial();
const build = (options: object) =>
  refusalOf(() => new Bulletproof(options as unknown as BulletproofOptions));

describe('new Bulletproof', () => {
  it.each(refused)('refuses %s = %s', async (path, received, value, expected) => {
    const [option = ''] = path.split(/[.[]/, 1);
    const error = await build({ redis: url, [option]: value });
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      option: `Bulletproof.${path}`,
      expected,
      received,
      message: `Bulletproof.${path}: expected ${expected}, got ${received}`,
    });
  });

  it.each([undefined, null, 'redis://127.0.0.1', []])(
    'refuses %p as its options',
    async (options) => {
      const error = await refusalOf(
        () => new Bulletproof(options as unknown as BulletproofOptions),
      );
      expect(error).toMatchObject({ code: 'INVALID_OPTION', expected: 'an object of options' });
    },
  );

  it.each([
    ['enqueTimeout', 'a known option (did you mean "enqueueTimeout"?)'],
    ['queue', 'a known option (did you mean "queues"?)'],
    ['maxPayload', `one of the known options (${KNOWN})`],
    ['slots', `one of the known options (${KNOWN})`],
    ['concurrency', `one of the known options (${KNOWN})`],
    ['__proto', `one of the known options (${KNOWN})`],
  ])('refuses the unknown option %s', async (option, expected) => {
    const error = await build({ redis: url, [option]: 'per-queue' });
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: `Bulletproof.${option}: expected ${expected}, got the unknown option "${option}"`,
    });
  });

  it('refuses defaults that its jobs will not have yet', async () => {
    const error = await build({
      redis: url,
      defaults: { escalate: [{ after: '1h', to: 'high' }] },
    });
    expect(error).toMatchObject({
      option: 'Bulletproof.defaults.escalate',
      received: 'the unknown option "escalate"',
    });
  });

  it.each(['', 'http://:secret@127.0.0.1:6379', 'localhost:6379', 'redis://a b'])(
    'refuses %p as an address, without repeating what may hold a password',
    async (redis) => {
      const error = await build({ redis });
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        message: `Bulletproof.redis: expected ${REDIS}, got another text`,
      });
    },
  );

  it('refuses a keyPrefix, which would rename only some of the keys', async () => {
    const client = new Redis(url, { keyPrefix: 'shop:', lazyConnect: true });
    for (const redis of [client, { keyPrefix: 'shop:' }, `${url}?keyPrefix=shop:`]) {
      const error = await build({ redis });
      expect(error).toMatchObject({
        message:
          'redis.keyPrefix: expected no keyPrefix (use the prefix option instead), got "shop:"',
      });
    }
    client.disconnect();
  });

  it('takes a URL, options and a client, also ones that are set up for other uses', async () => {
    const { hostname: host, port } = new URL(url);
    const address = { host, port: Number(port) };
    const client = new Redis(url, { lazyConnect: true });
    const sources = [
      url,
      address,
      { ...address, lazyConnect: true },
      { ...address, enableOfflineQueue: false, maxRetriesPerRequest: 2 },
      { ...address, commandTimeout: 5_000 },
      client,
    ];
    for (const redis of sources) {
      const one = app({ redis, queues: ['only'] });
      await expect(one.queues.status()).resolves.toMatchObject([{ name: 'only', waiting: 0 }]);
      const worker = await one.work();
      expect(worker.queues).toEqual(['only']);
    }
    expect(client.status).toBe('wait');
    client.disconnect();
  });

  it('accepts what is at its bounds, and numbers for durations', () => {
    const bounds = {
      prefix: '{shop}',
      queues: ['a'.repeat(256)],
      keepResultFor: 1,
      keepDeadFor: '36525d',
      enqueueTimeout: '1.5s',
      maxPayloadBytes: 256 * 2 ** 20,
      maxCrashes: 1,
      lease: 500,
      logger: silent,
    } as const;
    expect(() => app(bounds)).not.toThrow();
  });
});
