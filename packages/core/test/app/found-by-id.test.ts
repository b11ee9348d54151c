import { describe, expect, it } from '@jest/globals';
import { type Call, Discard, defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const double = defineJob({ name: 'double', queue: 'high' }, (n: number) => {
  if (n < 0) throw new Discard('negative');
  return n * 2;
});
const kinds: readonly (readonly [string, (n: number, key: string) => Call])[] = [
  ['without key or id', (n) => double(n)],
  ['with an id', (n, key) => double(n, { id: `id-${key}` })],
  ['with a key', (n, key) => double(n, { idempotencyKey: key })],
  ['with both', (n, key) => double(n, { id: `id-${key}`, idempotencyKey: key })],
];

describe.each(kinds)('a call %s, seen from another app', (_kind, call) => {
  const three = async () => {
    const app = bench.app();
    app.register(double);
    const { id } = await app.enqueue(call(21, 'a'));
    return { app, id, handle: bench.app().call<number>(id) };
  };

  it('is found by its id alone, before, while and after it runs', async () => {
    const { app, id, handle } = await three();
    expect(handle).toMatchObject({ id, queue: '', deduplicated: false });
    await expect(handle.status()).resolves.toMatchObject({ state: 'waiting', queue: 'high' });
    const result = handle.result();
    await app.work({ queues: { high: 1 } });
    await expect(result).resolves.toBe(42);
    await expect(handle.result()).resolves.toBe(42);
    await expect(handle.status()).resolves.toMatchObject({ state: 'completed', queue: 'high' });
  });

  it('can be cancelled before it runs', async () => {
    const { app, id, handle } = await three();
    await expect(handle.cancel('changed my mind')).resolves.toBe(true);
    await app.work({ queues: { high: 1 } });
    expect(await refusalOf(() => handle.result())).toMatchObject({
      code: 'JOB_CANCELLED',
      id,
      reason: 'changed my mind',
    });
    await expect(handle.status()).resolves.toMatchObject({ state: 'cancelled', queue: 'high' });
    await expect(app.queues.status()).resolves.toMatchObject([
      {},
      { waiting: 0, running: 0 },
      {},
      {},
    ]);
  });

  it('shows its death', async () => {
    const app = bench.app();
    app.register(double);
    await app.work({ queues: { high: 1 } });
    const { id } = await app.enqueue(call(-1, 'b'));
    const handle = bench.app().call(id);
    expect(await refusalOf(() => handle.result())).toMatchObject({
      code: 'JOB_FAILED',
      job: 'double',
      id,
      cause: { code: 'DISCARDED', reason: 'negative' },
    });
    await expect(handle.cancel()).resolves.toBe(false);
  });

  it('that has completed cannot be cancelled any more', async () => {
    const { app, handle } = await three();
    await app.work({ queues: { high: 1 } });
    await handle.result();
    await expect(handle.cancel()).resolves.toBe(false);
    await expect(handle.result()).resolves.toBe(42);
  });
});

describe('an id of which nothing is known', () => {
  it('is unknown, has no result to wait for, and cannot be cancelled', async () => {
    const handle = bench.app().call('never-seen');
    await expect(handle.status()).resolves.toEqual({
      state: 'unknown',
      queue: '',
      attempt: 0,
      maxAttempts: 0,
      enqueuedAt: 0,
    });
    expect(await refusalOf(() => handle.result())).toMatchObject({
      code: 'RESULT_EXPIRED',
      id: 'never-seen',
    });
    await expect(handle.cancel()).resolves.toBe(false);
  });
});
