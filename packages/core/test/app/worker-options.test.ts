import { describe, expect, it } from '@jest/globals';
import type { CloseOptions, Middleware, WorkOptions } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const SLOTS = 'a whole number from 1 to 10000';
const WEIGHT = 'a whole number from 1 to 1000';
const reserved = (count: number) => `at least ${count}, for that is what the queues reserve`;
const NAMES = 'critical, high, default, low';

const { app } = trial();
const work = (options: unknown) => app().work(options as WorkOptions);

describe('app.work', () => {
  it.each([
    ['work.queues', '5', { queues: 5 }, 'an object of options'],
    ['work.queues', 'an array of 1', { queues: ['high'] }, 'an object of options'],
    ['work.queues', 'none', { queues: {} }, `at least one of ${NAMES}`],
    ['work.queues', 'none', { queues: { high: undefined } }, `at least one of ${NAMES}`],
    ['work.queues.high', '0', { queues: { high: 0 } }, SLOTS],
    ['work.queues.high', '10001', { queues: { high: 10_001 } }, SLOTS],
    ['work.queues.high', '2.5', { queues: { high: 2.5 } }, SLOTS],
    ['work.queues.high', '"5"', { queues: { high: '5' } }, SLOTS],
    ['work.queues.high', 'an object', { queues: { high: { reserve: 4, weight: 8 } } }, SLOTS],
    ['work.queues.low', '1', { concurrency: 4, queues: { low: 1 } }, 'an object of options'],
    ['work.queues.low.reserve', '0', { concurrency: 4, queues: { low: { reserve: 0 } } }, SLOTS],
    ['work.queues.low.weight', '0', { concurrency: 4, queues: { low: { weight: 0 } } }, WEIGHT],
    ['work.queues', 'none', { concurrency: 4, queues: {} }, `at least one of ${NAMES}`],
    ['work.concurrency', '0', { concurrency: 0 }, SLOTS],
    ['work.concurrency', '3', { concurrency: 3 }, reserved(4)],
    [
      'work.concurrency',
      '5',
      { concurrency: 5, queues: { high: { reserve: 4 }, low: { reserve: 2 } } },
      reserved(6),
    ],
    ['work', 'null', null, 'an object of options'],
    ['work', '"high"', 'high', 'an object of options'],
  ])('refuses %s = %s', async (option, received, options, expected) => {
    const error = await refusalOf(() => work(options));
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: `${option}: expected ${expected}, got ${received}`,
    });
  });

  it.each([
    ['work.queues.higj', { queues: { higj: 5 } }, 'a known option (did you mean "high"?)'],
    ['work.queues.bulk', { queues: { bulk: 5 } }, `one of the known options (${NAMES})`],
    ['work.reserve', { reserve: 4 }, 'one of the known options (concurrency, queues)'],
    ['work.queue', { queue: 'high' }, 'a known option (did you mean "queues"?)'],
    ['work.slots', { slots: 5 }, 'one of the known options (concurrency, queues)'],
  ])('refuses the unknown %s', async (option, options, expected) => {
    const error = await refusalOf(() => work(options));
    const name = option.split('.').at(-1);
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: `${option}: expected ${expected}, got the unknown option "${name}"`,
    });
  });

  it('works the queues that it names, most urgent first, and all of them by default', async () => {
    const one = app();
    const some = await one.work({ queues: { low: 1, critical: 1 } });
    expect(some.queues).toEqual(['critical', 'low']);
    const all = await one.work();
    expect(all.queues).toEqual(['critical', 'high', 'default', 'low']);
  });
});

describe('close', () => {
  const bad: readonly (readonly [string, unknown])[] = [
    ['close.deadline: expected a duration', { deadline: '5 s' }],
    ['close.deadline: expected a duration', { deadline: -1 }],
    [
      'close.deadLine: expected a known option (did you mean "deadline"?), got the unknown option "deadLine"',
      { deadLine: '5s' },
    ],
    ['close: expected an object of options, got "5s"', '5s'],
  ];

  it.each(bad)(
    'of a worker is refused with %s, and the worker works on',
    async (message, options) => {
      const worker = await app().work();
      const error = await refusalOf(() => worker.close(options as CloseOptions));
      expect(error).toMatchObject({ code: 'INVALID_OPTION' });
      expect(String(error)).toContain(message);
      await expect(worker.close()).resolves.toBeUndefined();
    },
  );

  it.each(bad)('of an app is refused with %s, and the app stays open', async (message, options) => {
    const one = app();
    await one.work();
    const error = await refusalOf(() => one.close(options as CloseOptions));
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect(String(error)).toContain(message);
    await expect(one.queues.status()).resolves.toHaveLength(4);
    await expect(one.close()).resolves.toBeUndefined();
  });

  it('twice is close once', async () => {
    const one = app();
    const worker = await one.work();
    await Promise.all([worker.close(), worker.close({ deadline: 0 }), one.close(), one.close()]);
  });
});

describe('app.use', () => {
  it.each([
    ['undefined', undefined],
    ['"log"', 'log'],
    ['an object', {}],
  ])('refuses %s', async (received, middleware) => {
    const error = await refusalOf(() => app().use(middleware as unknown as Middleware));
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: `use[0]: expected a function, got ${received}`,
    });
  });
});
