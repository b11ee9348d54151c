import { waitFor } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { z } from 'zod';
import { defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const options = { name: 'charge', attempts: 5 } as const;
const loose = defineJob({ ...options, input: z.object({ cents: z.number() }) }, () => 'loose');

function strictJob() {
  const runs: unknown[] = [];
  const strict = defineJob(
    { ...options, input: z.object({ cents: z.number().int().positive() }) },
    (input) => {
      runs.push(input);
      return 'strict';
    },
  );
  return { strict, runs };
}

describe('an input that is invalid on the worker', () => {
  it('is dead at once: the worker knows a stricter schema than the producer', async () => {
    const { strict, runs } = strictJob();
    const producer = bench.app();
    const app = bench.app();
    app.register(strict);
    await app.work({ queues: { default: 1 } });
    const died = waitFor(app.events, 'job.dead');
    const handle = await producer.enqueue(loose({ cents: -5 }));
    expect(await refusalOf(() => handle.result())).toMatchObject({
      code: 'JOB_FAILED',
      job: 'charge',
      cause: { name: 'InvalidInputError', code: 'INVALID_INPUT', issues: [{ path: '$.cents' }] },
    });
    await expect(died).resolves.toMatchObject({ id: handle.id, attempt: 1 });
    await expect(handle.status()).resolves.toMatchObject({
      state: 'dead',
      attempt: 1,
      maxAttempts: 5,
      error: { code: 'INVALID_INPUT' },
    });
    expect(runs).toEqual([]);
  });

  it('is dead at once: the delivery was put into the queue by hand', async () => {
    const { strict, runs } = strictJob();
    const app = bench.app();
    app.register(strict);
    await app.work({ queues: { default: 1 } });
    const stock = new Queue('default', { prefix: bench.prefix, connection: { url: bench.url } });
    bench.closing(() => stock.close());
    const died = waitFor(app.events, 'job.dead');
    await stock.add('charge', { v: 1, input: { cents: 'five' } }, { attempts: 5 });
    await died;
    await expect(app.dead.list()).resolves.toMatchObject([
      { name: 'charge', input: { cents: 'five' }, attempts: 1, error: { code: 'INVALID_INPUT' } },
    ]);
    expect(runs).toEqual([]);
  });

  it('can be retried once the schema was put right', async () => {
    const { strict } = strictJob();
    const app = bench.app();
    app.register(strict);
    const worker = await app.work({ queues: { default: 1 } });
    const handle = await bench.app().enqueue(loose({ cents: -5 }));
    await refusalOf(() => handle.result());
    await worker.close();

    const fixed = bench.app();
    fixed.register(loose);
    await fixed.work({ queues: { default: 1 } });
    const again = await fixed.dead.retry(handle.id);
    await expect(again.result()).resolves.toBe('loose');
  });

  it('and a delivery by hand that is valid runs', async () => {
    const { strict, runs } = strictJob();
    const app = bench.app();
    app.register(strict);
    await app.work({ queues: { default: 1 } });
    const stock = new Queue('default', { prefix: bench.prefix, connection: { url: bench.url } });
    bench.closing(() => stock.close());
    const done = waitFor(app.events, 'job.completed');
    await stock.add('charge', { v: 1, input: { cents: 5 } });
    await expect(done).resolves.toMatchObject({ name: 'charge', result: 'strict', attempt: 1 });
    expect(runs).toEqual([{ cents: 5 }]);
  });
});
