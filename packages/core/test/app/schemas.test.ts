import { describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { z } from 'zod';
import { type Call, defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const Order = z.object({
  cents: z.string().regex(/^\d+$/).transform(Number),
  note: z.string().default('none'),
});

describe('a schema of an input', () => {
  it('is asked at the enqueue, and its issues come back with their paths', async () => {
    const pay = defineJob(
      { name: 'pay', input: z.object({ items: z.array(z.object({ cents: z.number() })) }) },
      () => 'paid',
    );
    const app = bench.app();
    app.register(pay);
    const wrong = { job: 'pay', input: { items: [{ cents: 1 }, { cents: 'two' }] } } as Call;
    expect(await refusalOf(() => app.enqueue(wrong))).toMatchObject({
      code: 'INVALID_INPUT',
      job: 'pay',
      issues: [{ path: '$.items[1].cents' }],
    });
    const many = await app.enqueueMany([pay({ items: [] }), wrong]);
    expect(many).toMatchObject({
      enqueued: 1,
      refused: [{ index: 1, error: { code: 'INVALID_INPUT' } }],
    });
  });

  it('may be asynchronous', async () => {
    const known = z.string().refine((id) => Promise.resolve(id === '42'), 'no such order');
    const ship = defineJob({ name: 'ship', input: known }, (id) => `shipped ${id}`);
    const app = bench.app();
    app.register(ship);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(ship('42'));
    await expect(handle.result()).resolves.toBe('shipped 42');
    expect(await refusalOf(() => app.enqueue(ship('43')))).toMatchObject({
      code: 'INVALID_INPUT',
      message: "The input of 'ship' is invalid: $: no such order",
    });
    await expect(app.enqueueMany([ship('43'), ship('42')])).resolves.toMatchObject({
      enqueued: 1,
      refused: [{ index: 0 }],
    });
  });

  it('may transform: handler, key and queue get what it made, the call keeps what was given', async () => {
    const seen: unknown[] = [];
    const charge = defineJob(
      {
        name: 'charge',
        input: Order,
        idempotencyKey: ({ cents, note }) => `${typeof cents} ${cents} ${note}`,
        queue: ({ cents }) => (cents > 100 ? 'high' : 'low'),
      },
      (order) => {
        seen.push(order);
        return order;
      },
    );
    const app = bench.app();
    app.register(charge);
    const handle = await app.enqueue(charge({ cents: '500' }));
    expect(handle.queue).toBe('high');

    const stock = new Queue('high', { prefix: bench.prefix, connection: { url: bench.url } });
    bench.closing(() => stock.close());
    const [job] = await stock.getJobs();
    expect(job?.data).toMatchObject({
      input: { cents: '500' },
      bp: { key: 'number 500 none' },
    });

    await app.work({ queues: { high: 1 } });
    await expect(handle.result()).resolves.toEqual({ cents: 500, note: 'none' });
    expect(seen).toEqual([{ cents: 500, note: 'none' }]);
  });

  it('does not decide what is equal: the raw inputs are compared', async () => {
    const charge = defineJob(
      { name: 'charge', input: Order, idempotencyKey: ({ cents }) => String(cents) },
      (order) => order.cents,
    );
    const app = bench.app();
    await app.enqueue(charge({ cents: '7' }));
    const same = await app.enqueue(charge({ cents: '7' }));
    expect(same.deduplicated).toBe(true);
    const other = await refusalOf(() => app.enqueue(charge({ cents: '007' })));
    expect(other).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', job: 'charge', key: '7' });
  });

  it('that throws refuses the enqueue with what it threw', async () => {
    const broken = defineJob(
      {
        name: 'broken',
        input: z.string().transform(() => {
          throw new TypeError('a bug in the schema');
        }),
      },
      () => 1,
    );
    const error = await refusalOf(() => bench.app().enqueue(broken('x')));
    expect(error).toMatchObject({ message: 'a bug in the schema' });
  });
});

describe('what names a key or a queue', () => {
  it.each([
    ['undefined', undefined],
    ['""', ''],
    ['5', 5],
    ['an object', {}],
    ['"a\\nb"', 'a\nb'],
  ])('must not make the key %s', async (received, key) => {
    const keyed = defineJob({ name: 'keyed', idempotencyKey: () => key as string }, () => 1);
    const error = await refusalOf(() => bench.app().enqueue(keyed(undefined)));
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: `keyed.idempotencyKey: expected a function that returns text of 1 to 256 characters without control characters, got ${received}`,
    });
  });

  it.each([['bulk'], [undefined], ['']])('must not choose the queue %p', async (queue) => {
    const routed = defineJob({ name: 'routed', queue: () => queue as string }, () => 1);
    const error = await refusalOf(() => bench.app().enqueue(routed(undefined)));
    expect(error).toMatchObject({ code: 'UNKNOWN_QUEUE', job: 'routed', queue: String(queue) });
  });
});
