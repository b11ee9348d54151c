import { startChild, TcpProxy, until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Call, defineJob, type RedisUnavailableError } from '../../src/index.js';
import { ownServers } from './own-server.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const server = ownServers();
const double = defineJob({ name: 'double' }, (n: number) => n * 2);
const kinds: readonly (readonly [string, () => Call<unknown, number>])[] = [
  ['without key or id', () => double(21)],
  ['with an id', () => double(21, { id: 'double-21' })],
  ['with a key', () => double(21, { idempotencyKey: '21' })],
];

describe.each(kinds)('a producer of a call %s', (_kind, call) => {
  it('whose Redis is not there is told so in time; the call it gets back is good later', async () => {
    const own = await server();
    await own.kill();
    const app = bench.app({ redis: own.url, enqueueTimeout: '300ms' });
    app.register(double);
    const error = (await refusalOf(() => app.enqueue(call()))) as RedisUnavailableError;
    expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE', reason: 'connection', afterMs: 300 });
    const again = error.call as Call<unknown, number>;
    const kept = JSON.parse(JSON.stringify(again)) as Call<unknown, number>;

    await own.restart();
    const handle = await until(() => app.enqueue(kept));
    expect(handle).toMatchObject({ id: again.options?.id, deduplicated: false });
    await app.work({ queues: { default: 1 } });
    await expect(handle.result()).resolves.toBe(42);
  });

  it('rides out an absence that is shorter than its timeout', async () => {
    const own = await server({ appendOnly: 'always' });
    const app = bench.app({ redis: own.url, enqueueTimeout: '20s' });
    app.register(double);
    await app.queues.status();
    await own.kill();
    const enqueued = app.enqueue(call());
    await own.restart();
    const handle = await enqueued;
    expect(handle.deduplicated).toBe(false);
    await app.work({ queues: { default: 1 } });
    await expect(handle.result()).resolves.toBe(42);
  });

  it('whose Redis stands still is told so in time; what it had sent and sends again is one call', async () => {
    const own = await server();
    let runs = 0;
    const app = bench.app({ redis: own.url, enqueueTimeout: '300ms' });
    app.use((_job, next) => {
      runs += 1;
      return next();
    });
    app.register(double);
    await app.queues.status();
    await own.pause();
    const error = (await refusalOf(() => app.enqueue(call()))) as RedisUnavailableError;
    expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE', reason: 'timeout' });
    await own.resume();
    const handle = await until(() => app.enqueue(error.call as Call<unknown, number>));
    await app.work({ queues: { default: 2 } });
    await expect(handle.result()).resolves.toBe(42);
    await expect(app.queues.status()).resolves.toMatchObject([{}, {}, { waiting: 0 }, {}]);
    expect(runs).toBe(1);
  });

  it.each(['before', 'after'] as const)(
    'whose connection breaks twice, %s a command, enqueues one call',
    async (moment) => {
      const proxy = await TcpProxy.open(bench.url);
      bench.closing(() => proxy.close());
      let runs = 0;
      const app = bench.app({ redis: proxy.url });
      const near = bench.app();
      near.use((_job, next) => {
        runs += 1;
        return next();
      });
      near.register(double);
      app.register(double);
      await app.queues.status();
      // each command of an enqueue carries the job's name; a repeat meets the second trap
      const cuts = Promise.all([proxy.cutAt('double', moment), proxy.cutAt('double', moment)]);
      const handle = await app.enqueue(call());
      await cuts;
      expect(handle.deduplicated).toBe(false);
      await near.work({ queues: { default: 2 } });
      await expect(near.call(handle.id).result()).resolves.toBe(42);
      await expect(near.queues.status()).resolves.toMatchObject([{}, {}, { waiting: 0 }, {}]);
      expect(runs).toBe(1);
    },
  );
});

describe('a handle whose Redis goes away', () => {
  it('goes on waiting, and hears of an end that came when it was back', async () => {
    const own = await server({ appendOnly: 'always' });
    const app = bench.app({ redis: own.url, enqueueTimeout: '200ms' });
    app.register(double);
    const handle = await app.enqueue(double(21));
    const result = handle.result();
    await own.kill();
    expect(await refusalOf(() => handle.status())).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await own.restart();
    await app.work({ queues: { default: 1 } });
    await expect(result).resolves.toBe(42);
  });

  it('still keeps to its timeout and its signal', async () => {
    const own = await server();
    const app = bench.app({ redis: own.url, enqueueTimeout: '100ms' });
    app.register(double);
    const handle = await app.enqueue(double(21));
    await own.pause();
    expect(await refusalOf(() => handle.result({ timeout: '300ms' }))).toMatchObject({
      code: 'RESULT_TIMEOUT',
      id: handle.id,
      timeoutMs: 300,
    });
    const stop = new AbortController();
    const waiting = refusalOf(() => handle.result({ signal: stop.signal }));
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await waiting).toBe(reason);
    await own.resume();
  });
});

describe('an app whose Redis is away for good', () => {
  it.each(['killed', 'stopped'] as const)(
    'closes all the same, and lets its process end: %s',
    async (how) => {
      const own = await server();
      const child = startChild(new URL('../fixtures/bereft.ts', import.meta.url), {
        env: { APP: JSON.stringify({ redis: own.url, prefix: bench.prefix }) },
      });
      bench.closing(() => child.kill());
      await child.message('working');
      await (how === 'killed' ? own.kill() : own.pause());
      child.tell('close');
      await expect(child.message('closed')).resolves.toMatchObject({ waiting: 'APP_CLOSED' });
      await expect(child.exited).resolves.toEqual({ code: 0, signal: null });
    },
    20_000,
  );
});

describe('a closed app', () => {
  it('refuses to be used', async () => {
    const app = bench.app();
    app.register(double);
    await app.close();
    const uses: readonly (readonly [string, () => unknown])[] = [
      ['enqueue()', () => app.enqueue(double(1))],
      ['enqueueMany()', () => app.enqueueMany([])],
      ['work()', () => app.work()],
    ];
    for (const [operation, use] of uses) {
      expect(await refusalOf(use)).toMatchObject({ code: 'APP_CLOSED', operation });
    }
  });
});
