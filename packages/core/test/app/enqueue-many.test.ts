import { ownRedis, TcpProxy, until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Call, defineJob, type RedisUnavailableError } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();

function noting() {
  const ran: number[] = [];
  const note = defineJob({ name: 'note' }, (n: number) => {
    ran.push(n);
    return n;
  });
  return { note, ran };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('enqueueMany', () => {
  it('enqueues more than fits in a page, into all queues, each call once and in order', async () => {
    const { note, ran } = noting();
    const app = bench.app();
    app.register(note);
    const queues = ['critical', 'high', 'default', 'low'] as const;
    const calls = numbers(1_300).map((n) => note(n, { queue: queues[n % 4] ?? 'low' }));
    await expect(app.enqueueMany(calls)).resolves.toEqual({
      enqueued: 1_300,
      deduplicated: 0,
      refused: [],
    });
    const counts = (await app.queues.status()).map(({ waiting }) => waiting);
    expect(counts).toEqual([325, 325, 325, 325]);
    await app.work({ queues: { low: 1 } });
    await until(() => ran.length === 325);
    expect(ran).toEqual(numbers(1_300).filter((n) => n % 4 === 3));
  });

  it('puts every call in one of three accounts, and says which were refused and why', async () => {
    const { note } = noting();
    const app = bench.app({ maxPayloadBytes: 100 });
    app.register(note);
    await app.enqueue(note(7, { id: 'taken' }));
    await app.enqueue(note(8, { idempotencyKey: 'held' }));
    const calls = [
      note(1),
      note(8, { idempotencyKey: 'held' }),
      note(9, { idempotencyKey: 'held' }),
      note(9, { id: 'taken' }),
      { job: 'unknown' } as Call,
      note(2, { queue: 'bulk' }),
      { job: 'note', input: 'x'.repeat(100) } as Call,
      { job: 'note', input: Number.NaN } as unknown as Call,
      undefined as unknown as Call,
      note(3),
    ];
    const account = await app.enqueueMany(calls);
    expect(account).toMatchObject({
      enqueued: 2,
      deduplicated: 1,
      refused: [
        { index: 2, error: { code: 'IDEMPOTENCY_CONFLICT', key: 'held' } },
        { index: 3, error: { code: 'CALL_ID_CONFLICT', id: 'taken' } },
        { index: 4, error: { code: 'UNKNOWN_JOB', job: 'unknown' } },
        { index: 5, error: { code: 'UNKNOWN_QUEUE', queue: 'bulk' } },
        { index: 6, error: { code: 'PAYLOAD_TOO_LARGE' } },
        { index: 7, error: { code: 'NOT_JSON' } },
        { index: 8, error: { code: 'INVALID_OPTION' } },
      ],
    });
    expect(account.refused).toHaveLength(7);
  });

  it('takes equal calls of one batch for one, and refuses what conflicts within it', async () => {
    const { note, ran } = noting();
    const app = bench.app();
    app.register(note);
    const keyed = numbers(600).map((n) => note(n % 3, { idempotencyKey: `key-${n % 3}` }));
    const named = numbers(600).map((n) => note(10 + (n % 3), { id: `id-${n % 3}` }));
    const other = [note(99, { idempotencyKey: 'key-0' }), note(99, { id: 'id-0' })];
    const account = await app.enqueueMany([...keyed, ...named, ...other]);
    expect(account).toMatchObject({ enqueued: 6, deduplicated: 1_194 });
    expect(account.refused).toMatchObject([
      { index: 1_200, error: { code: 'IDEMPOTENCY_CONFLICT' } },
      { index: 1_201, error: { code: 'CALL_ID_CONFLICT' } },
    ]);
    await app.work({ queues: { default: 2 } });
    await until(() => ran.length >= 6);
    expect(ran.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 10, 11, 12]);
    await expect(app.queues.status()).resolves.toMatchObject([{}, {}, { waiting: 0 }, {}]);
  });

  it('announces what it did', async () => {
    const { note } = noting();
    const app = bench.app();
    app.register(note);
    const heard: string[] = [];
    app.events.on('job.enqueued', ({ id }) => heard.push(`enqueued ${id}`));
    app.events.on('job.deduplicated', ({ id }) => heard.push(`deduplicated ${id}`));
    await app.enqueueMany([note(1, { id: 'a1' }), note(2, { id: 'b1' }), note(1, { id: 'a1' })]);
    expect(heard.toSorted()).toEqual(['deduplicated a1', 'enqueued a1', 'enqueued b1']);
  });

  it('of nothing does nothing', async () => {
    await expect(bench.app().enqueueMany([])).resolves.toEqual({
      enqueued: 0,
      deduplicated: 0,
      refused: [],
    });
  });
});

describe('the source of enqueueMany', () => {
  it('is read no faster than Redis takes its calls', async () => {
    const proxy = await TcpProxy.open(bench.url);
    bench.closing(() => proxy.close());
    const { note } = noting();
    const app = bench.app({ redis: proxy.url, enqueueTimeout: '20s' });
    app.register(note);
    await app.queues.status();
    let read = 0;
    async function* endless() {
      for (; read < 4_000; read += 1) yield note(read);
    }
    proxy.freeze();
    const account = app.enqueueMany(endless());
    let before = 0;
    let looks = 0;
    await until(() => {
      looks = read > 0 && read === before ? looks + 1 : 0;
      before = read;
      return looks === 10; // it stands
    });
    expect(read).toBeLessThanOrEqual(2_000);
    proxy.thaw();
    await expect(account).resolves.toMatchObject({ enqueued: 4_000, refused: [] });
  });

  it('that throws loses nothing that it gave before', async () => {
    const { note, ran } = noting();
    const app = bench.app();
    app.register(note);
    const broken = new Error('the cursor is gone');
    function* source() {
      yield* numbers(700).map((n) => note(n));
      throw broken;
    }
    expect(await refusalOf(() => app.enqueueMany(source()))).toBe(broken);
    await app.work({ queues: { default: 5 } });
    await until(() => ran.length === 700);
  });
});

describe('enqueueMany while Redis goes away', () => {
  it('gives each call back with its own error, also when Redis just stands still', async () => {
    const proxy = await TcpProxy.open(bench.url);
    bench.closing(() => proxy.close());
    const { note, ran } = noting();
    const app = bench.app({ redis: proxy.url, enqueueTimeout: '500ms' });
    app.register(note);
    await app.queues.status();
    proxy.freeze();
    const calls = numbers(20).map((n) =>
      n % 2 === 0 ? note(n) : note(n, { idempotencyKey: String(n) }),
    );
    const account = await app.enqueueMany(calls);
    expect(account).toMatchObject({ enqueued: 0, deduplicated: 0 });
    const again = account.refused.map(({ index, error }) => {
      expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE', reason: 'timeout' });
      const { call } = error as RedisUnavailableError;
      expect(call).toMatchObject({ job: 'note', input: index });
      return call as Call;
    });
    expect(again).toHaveLength(20);
    proxy.thaw();
    await app.enqueueMany(again);
    await app.work({ queues: { default: 2 } });
    await until(() => ran.length >= 20);
    expect(ran.toSorted((a, b) => a - b)).toEqual(numbers(20));
  });

  it('accounts for every call; those refused may be enqueued again, and all run once', async () => {
    const own = await ownRedis({ appendOnly: 'always' });
    bench.closing(() => own.stop());
    const { note, ran } = noting();
    const app = bench.app({ redis: own.url, enqueueTimeout: '1s' });
    app.register(note);
    async function* source() {
      for (const n of numbers(1_200)) {
        if (n === 700) await own.kill();
        yield n % 2 === 0 ? note(n) : note(n, { idempotencyKey: String(n) });
      }
    }
    const account = await app.enqueueMany(source());
    expect(account.enqueued + account.refused.length).toBe(1_200);
    expect(account.refused.length).toBeGreaterThanOrEqual(700);
    const again = account.refused.map(({ error }) => {
      expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      return (error as RedisUnavailableError).call as Call;
    });
    await own.restart();
    await until(() => app.queues.status());
    const second = await app.enqueueMany(again);
    expect(second.refused).toEqual([]);
    await app.work({ queues: { default: 50 } });
    await until(() => ran.length >= 1_200);
    expect(ran.toSorted((a, b) => a - b)).toEqual(numbers(1_200));
  }, 30_000);
});
