import { keysUnder, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Bulletproof, defineJob, type JobContext } from '../../src/index.js';

const shared = testRedis();
const charge = defineJob(
  { name: 'charge', attempts: 1 },
  (_input: { cents: number }, job: JobContext) => job.maxAttempts,
);
const refund = defineJob({ name: 'refund', attempts: 1 }, (_input: { cents: number }): void => {
  throw new Error('refused');
});

let app: Bulletproof;
beforeEach(() => {
  app = new Bulletproof({
    redis: shared.url,
    prefix: uniquePrefix('identity'),
    logger: pino({ level: 'silent' }),
  });
  app.register(charge, refund);
});
afterEach(() => app.close());
afterAll(() => shared.close());

const recordsOf = async (prefix: string): Promise<string[]> =>
  (await keysUnder(shared.client, prefix)).filter((key) => key.includes(':{r'));

describe('what tells calls apart', () => {
  it('refuses an explicit id that a call of another job has, also with the same input', async () => {
    await app.enqueue(charge({ cents: 5 }, { id: 'order-1' }));
    await expect(app.enqueue(refund({ cents: 5 }, { id: 'order-1' }))).rejects.toMatchObject({
      code: 'CALL_ID_CONFLICT',
      job: 'refund',
      id: 'order-1',
    });
    const again = await app.enqueue(charge({ cents: 5 }, { id: 'order-1' }));
    expect(again.deduplicated).toBe(true);
  });

  it('takes a call without key or id again under the id it got, without making a record', async () => {
    const prefix = uniquePrefix('identity');
    const own = new Bulletproof({ redis: shared.url, prefix, logger: pino({ level: 'silent' }) });
    own.register(charge);
    try {
      const { id } = await own.enqueue(charge({ cents: 5 }));
      const again = await own.enqueue(charge({ cents: 5 }, { id }));
      expect(again.id).toBe(id);
      const [, , normal] = await own.queues.status();
      expect(normal).toMatchObject({ name: 'default', waiting: 1 });
      await own.work();
      await again.result();
      expect(await recordsOf(prefix)).toEqual([]);
    } finally {
      await own.close();
    }
  });
});

describe('a single attempt', () => {
  it('is counted as one, for the handler and in the dead set', async () => {
    await app.work();
    const charged = await app.enqueue(charge({ cents: 5 }));
    await expect(charged.result()).resolves.toBe(1);
    await expect(charged.status()).resolves.toMatchObject({ attempt: 1, maxAttempts: 1 });

    const refunded = await app.enqueue(refund({ cents: 5 }));
    await expect(refunded.result()).rejects.toMatchObject({ code: 'JOB_FAILED' });
    await expect(app.dead.list()).resolves.toMatchObject([{ attempts: 1, maxAttempts: 1 }]);
  });
});

describe('the name of a step', () => {
  it('is refused with a typed error when it is empty or too long', async () => {
    const codes: unknown[] = [];
    const named = defineJob({ name: 'named' }, async (_input: undefined, job: JobContext) => {
      for (const name of ['', 'x'.repeat(201)]) {
        await job.step(name, () => 1).catch((error: { code?: string }) => codes.push(error.code));
      }
      return job.step('x'.repeat(200), () => codes);
    });
    app.register(named);
    await app.work();
    const handle = await app.enqueue(named());
    await expect(handle.result()).resolves.toEqual(['INVALID_OPTION', 'INVALID_OPTION']);
  });
});
