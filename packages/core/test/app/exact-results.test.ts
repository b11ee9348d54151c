import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { type Call, defineJob, type JobContext } from '../../src/index.js';
import { trial } from './trial.js';

const bench = trial();

const results: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['false', false],
  ['true', true],
  ['zero', 0],
  ['empty text', ''],
  ['text that is JSON', '{"a":1}'],
  ['text that says null', 'null'],
  ['text that says undefined', 'undefined'],
  ['an empty list', []],
  ['an empty object', {}],
  ['a list of nothing', [null]],
  ['text of every kind', 'ö😀\u0000\n"\\'],
  ['large and small numbers', [Number.MAX_SAFE_INTEGER, 1e300, 5e-324, -1.5]],
];

function answering(value: unknown) {
  const anonymous = defineJob({ name: 'anonymous' }, () => value);
  const keyed = defineJob({ name: 'keyed', idempotencyKey: () => 'key' }, () => value);
  const stepped = defineJob({ name: 'stepped' }, (_: unknown, job: JobContext) =>
    job.step('value', () => value),
  );
  return { anonymous, keyed, stepped };
}

describe.each(results)('the result %s', (_what, value) => {
  it('comes back as it was', async () => {
    const { anonymous, keyed, stepped } = answering(value);
    const app = bench.app();
    app.register(anonymous, keyed, stepped);
    await app.work({ queues: { default: 4 } });
    const calls: Call[] = [
      anonymous(undefined),
      anonymous(undefined, { id: 'explicit' }),
      keyed(undefined),
      stepped(undefined),
    ];
    const elsewhere = bench.app();
    for (const call of calls) {
      const handle = await app.enqueue(call);
      await expect(handle.result()).resolves.toStrictEqual(value);
      const other = elsewhere.call(handle.id);
      await expect(other.result()).resolves.toStrictEqual(value);
      const status = await other.status();
      expect(status.state).toBe('completed');
      expect(status.result).toStrictEqual(value);
    }
    const again = await app.enqueue(keyed(undefined));
    expect(again.deduplicated).toBe(true);
    await expect(again.result()).resolves.toStrictEqual(value);
  });
});

describe('a result that is no JSON value', () => {
  it.each([
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['NaN', Number.NaN, null],
    ['undefined among others', { a: undefined, b: [undefined] }, { b: [null] }],
    ['a function', () => 1, undefined],
    ['a map', new Map([[1, 2]]), {}],
  ])('comes back as JSON.stringify has it: %s', async (_what, value, expected) => {
    const { anonymous, keyed } = answering(value);
    const app = bench.app();
    app.register(anonymous, keyed);
    await app.work({ queues: { default: 2 } });
    for (const call of [anonymous(undefined), keyed(undefined)]) {
      const handle = await app.enqueue(call);
      await expect(handle.result()).resolves.toStrictEqual(expected);
    }
  });

  it.each([
    ['a bigint', () => 5n],
    [
      'a circle',
      () => {
        const circle: { self?: unknown } = {};
        circle.self = circle;
        return circle;
      },
    ],
  ])('and has no JSON makes the call dead without another attempt: %s', async (_what, make) => {
    let runs = 0;
    const odd = defineJob({ name: 'odd', attempts: 3 }, () => {
      runs += 1;
      return make();
    });
    const app = bench.app();
    app.register(odd);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(odd(undefined));
    await expect(handle.result()).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { code: 'RESULT_NOT_STORABLE', job: 'odd' },
    });
    expect(runs).toBe(1);
  });
});

describe('progress', () => {
  it.each([[1], [0.5], ['half'], [''], [false], [[]], [{ done: 3, of: 4 }]])(
    'of %p is shown as it was published',
    async (value) => {
      const slow = defineJob({ name: 'slow' }, async (_: unknown, job: JobContext) => {
        await job.progress(value);
      });
      const app = bench.app();
      app.register(slow);
      await app.work({ queues: { default: 1 } });
      const handle = await app.enqueue(slow(undefined));
      await handle.result();
      const status = await handle.status();
      expect(status.progress).toStrictEqual(value);
    },
  );

  it.each([[0], [null]])('of %p is not told from none', async (value) => {
    const slow = defineJob({ name: 'slow' }, (_: unknown, job: JobContext) => job.progress(value));
    const app = bench.app();
    app.register(slow);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(slow(undefined));
    await handle.result();
    expect(await handle.status()).not.toHaveProperty('progress');
  });

  it('that JSON cannot carry is refused, and fails the attempt', async () => {
    const slow = defineJob({ name: 'slow', attempts: 1 }, (_: unknown, job: JobContext) =>
      job.progress({ left: 5n }),
    );
    const app = bench.app();
    app.register(slow);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(slow(undefined));
    await expect(handle.result()).rejects.toMatchObject({
      cause: { code: 'NOT_JSON', path: '$.left' },
    });
  });
});

it('BullMQ itself keeps what the handler returned', async () => {
  const { anonymous } = answering({ cents: 5 });
  const app = bench.app();
  app.register(anonymous);
  await app.work({ queues: { default: 1 } });
  const { id } = await app.enqueue(anonymous(undefined));
  const stock = new Queue('default', { prefix: bench.prefix, connection: { url: bench.url } });
  bench.closing(() => stock.close());
  const job = await until(async () => {
    const found = await stock.getJob(id);
    return found?.finishedOn ? found : undefined;
  });
  expect(job.returnvalue).toEqual({ cents: 5 });
});
