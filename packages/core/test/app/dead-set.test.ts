import { TcpProxy, until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Call, Discard, defineJob, type JobContext } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();

class CardError extends Error {
  override name = 'CardError';
  readonly code = 'CARD_DECLINED';
  readonly cents = 500;
}

/** A job that dies until it is mended, with a step that must happen once. */
function breakable() {
  let mended = false;
  const steps: string[] = [];
  const attempts: number[] = [];
  const charge = defineJob(
    { name: 'charge', attempts: 2, backoff: { delay: 1 } },
    async (order: string, job: JobContext) => {
      attempts.push(job.attempt);
      await job.step('capture', () => {
        steps.push(order);
      });
      if (!mended) throw new CardError('declined');
      return `charged ${order}`;
    },
  );
  return {
    charge,
    steps,
    attempts,
    mend: () => {
      mended = true;
    },
  };
}

type Charge = ReturnType<typeof breakable>['charge'];
const kinds: readonly (readonly [string, (charge: Charge) => Call<unknown, string>])[] = [
  ['without key or id', (charge) => charge('42')],
  ['with an id', (charge) => charge('42', { id: 'order-42' })],
  ['with a key', (charge) => charge('42', { idempotencyKey: '42' })],
  ['with both', (charge) => charge('42', { id: 'order-42', idempotencyKey: '42' })],
];

describe.each(kinds)('a dead call %s', (_kind, call) => {
  const dead = async () => {
    const broken = breakable();
    const app = bench.app();
    app.register(broken.charge);
    await app.work({ queues: { default: 2 } });
    const handle = await app.enqueue(call(broken.charge));
    await refusalOf(() => handle.result());
    return { ...broken, app, handle };
  };

  it('is listed with its story', async () => {
    const before = Date.now();
    const { app, handle } = await dead();
    const [story, ...others] = await bench.app().dead.list();
    expect(others).toEqual([]);
    expect(story).toMatchObject({
      id: handle.id,
      name: 'charge',
      queue: 'default',
      input: '42',
      attempts: 2,
      maxAttempts: 2,
      error: { name: 'CardError', message: 'declined', code: 'CARD_DECLINED', cents: 500 },
    });
    expect(story?.error).toBeInstanceOf(Error);
    expect(story?.idempotencyKey).toBe(call(breakable().charge).options?.idempotencyKey);
    expect(story?.enqueuedAt).toBeGreaterThanOrEqual(before - 1_000);
    expect(story?.diedAt).toBeGreaterThanOrEqual(story?.enqueuedAt ?? Infinity);
    await expect(app.call(handle.id).status()).resolves.toMatchObject({
      state: 'dead',
      attempt: 2,
      maxAttempts: 2,
      finishedAt: story?.diedAt,
      error: { code: 'CARD_DECLINED' },
    });
  });

  it('goes on from its steps when it is retried, with new attempts', async () => {
    const { app, handle, steps, attempts, mend } = await dead();
    mend();
    const retried = await bench.app().dead.retry(handle.id);
    expect(retried.id).toBe(handle.id);
    await expect(retried.result()).resolves.toBe('charged 42');
    await expect(handle.result()).resolves.toBe('charged 42');
    expect({ steps, attempts }).toEqual({ steps: ['42'], attempts: [1, 2, 1] });
    await expect(app.dead.list()).resolves.toEqual([]);
    expect(await refusalOf(() => app.dead.retry(handle.id))).toMatchObject({
      code: 'NOT_DEAD',
      id: handle.id,
      state: 'done',
    });
  });

  it('dies again when nothing was mended, and can be retried again', async () => {
    const { app, handle, steps, mend } = await dead();
    const retried = await app.dead.retry(handle.id);
    expect(await refusalOf(() => retried.result())).toMatchObject({ code: 'JOB_FAILED' });
    await expect(app.dead.list()).resolves.toMatchObject([{ id: handle.id }]);
    mend();
    await expect((await app.dead.retry(handle.id)).result()).resolves.toBe('charged 42');
    expect(steps).toEqual(['42']);
  });

  it('is brought back once by many who retry it at once', async () => {
    const { app, handle, attempts, mend } = await dead();
    mend();
    const apps = [app, bench.app(), bench.app()];
    const tries = await Promise.all(
      apps.map((one) =>
        one.dead.retry(handle.id).then(
          () => 'retried',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(tries.toSorted()).toEqual(['NOT_DEAD', 'NOT_DEAD', 'retried']);
    await expect(handle.result()).resolves.toBe('charged 42');
    expect(attempts).toEqual([1, 2, 1]);
  });

  it('is forgotten when it is discarded', async () => {
    const { app, handle } = await dead();
    await expect(bench.app().dead.discard(handle.id)).resolves.toBe(true);
    await expect(app.dead.discard(handle.id)).resolves.toBe(false);
    await expect(app.dead.list()).resolves.toEqual([]);
    expect(await refusalOf(() => app.dead.retry(handle.id))).toMatchObject({ code: 'NOT_DEAD' });
  });
});

describe('retrying a dead call over a connection that breaks', () => {
  it.each(['before', 'after'] as const)(
    '%s Redis brought it back, runs it once',
    async (moment) => {
      const proxy = await TcpProxy.open(bench.url);
      bench.closing(() => proxy.close());
      const { charge, attempts, steps, mend } = breakable();
      const app = bench.app();
      app.register(charge);
      await app.work({ queues: { default: 2 } });
      const handle = await app.enqueue(charge('42', { id: 'order-42' }));
      await refusalOf(() => handle.result());
      mend();
      const afar = bench.app({ redis: proxy.url });
      await afar.queues.status();
      const cut = proxy.cutAt('"name":"charge"', moment); // what brings it back carries it
      const [retried] = await Promise.all([afar.dead.retry(handle.id), cut]);
      await expect(retried.result()).resolves.toBe('charged 42');
      expect({ attempts, steps }).toEqual({ attempts: [1, 2, 1], steps: ['42'] });
    },
  );
});

describe('the dead set', () => {
  const fall = defineJob({ name: 'fall', attempts: 1 }, (why: string) => {
    if (why === 'discard') throw new Discard('unwanted');
    if (why === 'type') throw new TypeError('not a function');
    throw new CardError('declined');
  });
  const stumble = defineJob({ name: 'stumble', attempts: 1, queue: 'low' }, () => {
    throw new CardError('declined');
  });

  const fallen = async (count: number) => {
    const app = bench.app();
    app.register(fall, stumble);
    await app.enqueueMany(
      Array.from({ length: count }, (_, n) => fall('card', { id: `fall-${n}` })),
    );
    await app.work({ queues: { default: 50, low: 1 } });
    await until(async () => (await app.queues.status())[2]?.failed === count);
    return app;
  };

  it('is listed newest first, page by page, none twice and none left out', async () => {
    const app = await fallen(230);
    const all = await app.dead.list({ limit: 10_000 });
    expect(all).toHaveLength(230);
    const times = all.map(({ diedAt }) => diedAt);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    await expect(app.dead.list()).resolves.toHaveLength(100);

    const seen = new Set<string>();
    for (let before: number | undefined; seen.size < 230; ) {
      const page = await app.dead.list({ limit: 60, ...(before === undefined ? {} : { before }) });
      const fresh = page.filter(({ id }) => !seen.has(id));
      expect(fresh.length).toBeGreaterThan(0);
      for (const { id } of fresh) seen.add(id);
      before = page.at(-1)?.diedAt;
    }
  });

  it('is listed whole when more than a page died in the same millisecond', async () => {
    const app = await fallen(230);
    const DAY_ONE = 1_700_000_000_000;
    for (const key of await bench.redis.keys(`${bench.prefix}:{r*}:deads`)) {
      for (const id of await bench.redis.zrange(key, '0', '-1')) {
        const later = DAY_ONE - Number(await bench.redis.zscore(key, id));
        await bench.redis.zincrby(key, later, id);
      }
    }
    const all = await app.dead.list({ limit: 10_000 });
    expect(new Set(all.map(({ id }) => id)).size).toBe(230);
    expect(all).toHaveLength(230);
  });

  it('is filtered by job, queue, code and age', async () => {
    const app = await fallen(3);
    const others = await Promise.all([
      app.enqueue(fall('discard', { id: 'discarded-1' })),
      app.enqueue(fall('type', { id: 'type-1' })),
      app.enqueue(stumble(undefined, { id: 'stumble-1' })),
    ]);
    await Promise.all(others.map((handle) => refusalOf(() => handle.result())));
    const ids = async (filter: object) =>
      (await app.dead.list(filter)).map(({ id }) => id).toSorted();
    const falls = ['fall-0', 'fall-1', 'fall-2'];
    expect(await ids({ name: 'stumble' })).toEqual(['stumble-1']);
    expect(await ids({ queue: 'low' })).toEqual(['stumble-1']);
    expect(await ids({ errorCode: 'DISCARDED' })).toEqual(['discarded-1']);
    expect(await ids({ errorCode: 'TypeError' })).toEqual(['type-1']);
    expect(await ids({ errorCode: 'CARD_DECLINED', name: 'fall' })).toEqual(falls);
    expect(await ids({ name: 'fall', queue: 'low' })).toEqual([]);
    expect(await ids({ olderThan: '1h' })).toEqual([]);
    expect(await ids({ olderThan: 0 })).toHaveLength(6);

    const account = await app.dead.retryAll({ name: 'stumble' });
    expect(account).toEqual({ retried: 1, refused: [] });
  });

  it('is retried as a whole, and says what could not be', async () => {
    const broken = breakable();
    const app = bench.app();
    app.register(broken.charge);
    const worker = await app.work({ queues: { default: 5 } });
    const orders = ['1', '2', '3'];
    const handles = await Promise.all(
      orders.map((order) => app.enqueue(broken.charge(order, { idempotencyKey: order }))),
    );
    await Promise.all(handles.map((handle) => refusalOf(() => handle.result())));
    await worker.close();
    const newer = await app.enqueue(broken.charge('2', { idempotencyKey: '2' }));
    const account = await app.dead.retryAll({ name: 'charge' });
    expect(account).toMatchObject({
      retried: 2,
      refused: [
        {
          id: handles[1]?.id,
          error: { code: 'SUPERSEDED', supersededBy: newer.id, job: 'charge' },
        },
      ],
    });
    broken.mend();
    await app.work({ queues: { default: 5 } });
    const kept = [handles[0], newer, handles[2]];
    const results = await Promise.all(kept.map(async (handle) => handle?.result()));
    expect(results).toEqual(['charged 1', 'charged 2', 'charged 3']);
    expect(broken.steps.toSorted()).toEqual(orders);
  });

  it('does not know a call that waits, runs no more, or never was', async () => {
    const app = bench.app();
    app.register(fall);
    const waiting = await app.enqueue(fall('card', { id: 'waiting-1' }));
    for (const [id, state] of [
      [waiting.id, 'waiting'],
      ['never', undefined],
    ] as const) {
      expect(await refusalOf(() => app.dead.retry(id))).toMatchObject({ code: 'NOT_DEAD', state });
      await expect(app.dead.discard(id)).resolves.toBe(false);
    }
  });
});
