import { keysUnder, type OwnRedis, ownRedis, until } from '@bulletproof/test-kit';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import {
  type Call,
  defineJob,
  isBulletproofError,
  type RedisUnavailableError,
} from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const servers: OwnRedis[] = [];
afterEach(async () => {
  for (const server of servers.splice(0).reverse()) await server.stop();
});

async function server(options: Parameters<typeof ownRedis>[0] = {}): Promise<OwnRedis> {
  const own = await ownRedis(options);
  servers.push(own);
  return own;
}

function withUser(url: string, user: string, password: string): string {
  const address = new URL(url);
  address.username = user;
  address.password = password;
  return address.href;
}

/** A server that refuses what the app wants, and how to make it give in. */
interface Trouble {
  readonly url: string;
  readonly admin: Redis;
  readonly end: () => Promise<unknown>;
}

const troubles: readonly (readonly [string, string, () => Promise<Trouble>])[] = [
  [
    'another password',
    'auth',
    async () => {
      const own = await server({ password: 'right' });
      const { client: admin } = own;
      await admin.ping();
      const url = withUser(own.url, '', 'wrong');
      return { url, admin, end: () => admin.config('SET', 'requirepass', 'wrong') };
    },
  ],
  [
    'a password where none was given',
    'auth',
    async () => {
      const own = await server({ password: 'right' });
      const { client: admin } = own;
      await admin.ping();
      const url = withUser(own.url, '', '');
      return { url, admin, end: () => admin.config('SET', 'requirepass', '') };
    },
  ],
  ...['-evalsha -eval', '-hset -hmset', '-@write', 'resetkeys ~other:*'].map(
    (rule) =>
      [
        `a user with ${rule}`,
        'no-permission',
        async (): Promise<Trouble> => {
          const { url, client: admin } = await server();
          const allow = ['on', '>pw', '~*', '&*', '+@all'];
          await admin.call('ACL', 'SETUSER', 'shop', ...allow, ...rule.split(' '));
          return {
            url: withUser(url, 'shop', 'pw'),
            admin,
            end: () => admin.call('ACL', 'SETUSER', 'shop', ...allow),
          };
        },
      ] as const,
  ),
  [
    'a replica',
    'read-only',
    async () => {
      const primary = await server();
      const { url, client: admin } = await server({ replicaOf: primary });
      return { url, admin, end: () => admin.replicaof('NO', 'ONE') };
    },
  ],
  [
    'maxmemory reached, with noeviction',
    'out-of-memory',
    async () => {
      const { url, client: admin } = await server({ maxMemory: 1 });
      return { url, admin, end: () => admin.config('SET', 'maxmemory', '0') };
    },
  ],
];

const add = defineJob({ name: 'add' }, ({ a, b }: { a: number; b: number }) => a + b);
const sum = { a: 40, b: 2 };
const kinds: readonly (readonly [string, () => Call<unknown, number>])[] = [
  ['without key or id', () => add(sum)],
  ['with an id', () => add(sum, { id: 'sum-1' })],
  ['with a key', () => add(sum, { idempotencyKey: 'sum' })],
];

const isUnavailable = (error: unknown): error is RedisUnavailableError =>
  isBulletproofError(error, 'REDIS_UNAVAILABLE');

describe.each(troubles)('a Redis that answers with %s', (_what, reason, make) => {
  it('refuses an enqueue by name and writes nothing; the same call again is one call', async () => {
    const { url, admin, end } = await make();
    const producer = bench.app({ redis: url, enqueueTimeout: '250ms' });
    producer.register(add);
    const again: Call<unknown, number>[] = [];
    for (const [, call] of kinds) {
      const error = await refusalOf(() => producer.enqueue(call()));
      if (!isUnavailable(error)) throw error;
      expect(error).toMatchObject({ reason, afterMs: 250, cause: expect.any(Error) });
      const id = error.call?.options?.id;
      expect(id).toBeTruthy();
      expect(error.message).toContain(`its id '${id}' makes that safe`);
      again.push(error.call as Call<unknown, number>);
    }
    const many = await producer.enqueueMany(kinds.map(([, call]) => call()));
    expect(many).toMatchObject({
      enqueued: 0,
      refused: kinds.map((_, index) => ({ index, error: { code: 'REDIS_UNAVAILABLE', reason } })),
    });
    // BullMQ writes its version and counts before it adds: these are no jobs
    const written = await keysUnder(admin, bench.prefix);
    const own = ['default:id', 'default:meta'].map((key) => `${bench.prefix}:${key}`);
    expect(written.filter((key) => !own.includes(key))).toEqual([]);

    await end();
    let runs = 0;
    producer.use(async (_job, next) => {
      runs += 1;
      return next();
    });
    const sums: number[] = [];
    for (const call of again) {
      // a connection that has just learnt that the trouble is over may still be on its way back
      const handle = await until(() => producer.enqueue(call));
      const twice = await producer.enqueue(call);
      expect(twice.id).toBe(handle.id);
      await producer.work({ queues: { default: 1 } });
      sums.push(await handle.result());
    }
    expect({ sums, runs }).toEqual({ sums: [42, 42, 42], runs: 3 });
  });

  it('refuses every other operation by the same name', async () => {
    const { url } = await make();
    const app = bench.app({ redis: url, enqueueTimeout: '1s' });
    const writes = [
      () => app.queues.pause('low'),
      () => app.queues.resume('low'),
      () => app.dead.retry('x'),
      () => app.dead.discard('x'),
      () => app.call('x').cancel(),
      () => app.call('x').status(),
      () => app.dead.list(),
      () => app.queues.status(),
    ];
    const reasons: unknown[] = [];
    for (const write of writes) {
      const error = await refusalOf(write);
      if (error === undefined || isBulletproofError(error, 'NOT_DEAD')) reasons.push('none');
      else reasons.push(isUnavailable(error) ? error.reason : error);
    }
    // what only reads, or finds nothing to change, may work
    for (const found of reasons) expect([reason, 'none']).toContain(found);
    expect(reasons[0]).toBe(reason);
  });

  it('tells each of many who ask at once the same', async () => {
    const { url } = await make();
    const app = bench.app({ redis: url, enqueueTimeout: '250ms' });
    const calls = Array.from({ length: 40 }, (_, at) => add(sum, { id: `sum-${at}` }));
    const reasons = await Promise.all(
      calls.map(async (call) => {
        const error = await refusalOf(() => app.enqueue(call));
        return isUnavailable(error) ? error.reason : error;
      }),
    );
    expect(new Set(reasons)).toEqual(new Set([reason]));
  });
});

describe.each(['-xadd', '-lpush -rpush', '-zadd', '-incr', '-set'])(
  'a user with %s, which BullMQ notices only halfway through its script',
  (rule) => {
    it('gets a refusal by name; repeated when the rule is gone, the same call runs once', async () => {
      const { url, client: admin } = await server();
      const allow = ['on', '>pw', '~*', '&*', '+@all'];
      await admin.call('ACL', 'SETUSER', 'shop', ...allow, ...rule.split(' '));
      const app = bench.app({ redis: withUser(url, 'shop', 'pw') });
      const ran: number[] = [];
      const note = defineJob({ name: 'note' }, (n: number) => {
        ran.push(n);
        return n;
      });
      app.register(note);
      const calls: Call<unknown, number>[] = [
        note(1),
        note(2, { id: 'note-2' }),
        note(3, { idempotencyKey: 'three' }),
        note(4, { id: 'note-4', idempotencyKey: 'four' }),
      ];
      const again: Call<unknown, number>[] = [];
      for (const call of calls) {
        const error = await refusalOf(() => app.enqueue(call));
        if (error === undefined)
          again.push(call); // nothing that is forbidden was needed
        else if (isUnavailable(error)) again.push(error.call as Call<unknown, number>);
        else throw error;
      }
      expect(again.some((call, at) => call !== calls[at])).toBe(true);

      await admin.call('ACL', 'SETUSER', 'shop', ...allow);
      const repeated = again.filter((call, at) => call !== calls[at]);
      const many = await app.enqueueMany(repeated);
      expect(many.refused).toEqual([]);
      await app.work({ queues: { default: 1 } });
      const handles = await Promise.all(repeated.map((call) => app.enqueue(call)));
      const results = await Promise.all(handles.map((handle) => handle.result()));
      expect(results).toEqual(repeated.map(({ input }) => input));
      await until(() => ran.length >= calls.length);
      expect(ran.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
    });
  },
);
