// What a processor of stock BullMQ must not do, because the job is then stuck, run at the wrong time or failed for
// good. A handler may do all of it: it counts as an error like any other.
import { describe, expect, it } from '@jest/globals';
import { DelayedError, RateLimitError, WaitingChildrenError, WaitingError } from 'bullmq';
import { defineJob, type JobContext } from '../../src/index.js';
import { recordEvents, world } from './world.js';

const stage = world();
const RETRY = { attempts: 2, backoff: { type: 'fixed', delay: 0 } } as const;

/** Something that does not like to be looked at. */
const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('do not look at me');
    },
  },
);
const namedLike = (name: string) => Object.assign(new Error('no stock left'), { name });

class Nameless extends Error {
  override get message(): string {
    throw new Error('no message either');
  }
}

const thrown: readonly (readonly [string, unknown])[] = [
  ['DelayedError', new DelayedError()],
  ['WaitingError', new WaitingError()],
  ['WaitingChildrenError', new WaitingChildrenError()],
  ['RateLimitError', new RateLimitError()],
  ['an error that is named like DelayedError', namedLike('DelayedError')],
  ['an error that is named like RateLimitError', namedLike('RateLimitError')],
  ['the message of a rate limit', new Error('bullmq:rateLimitExceeded')],
  ['undefined', undefined],
  ['null', null],
  ['0', 0],
  ['an empty text', ''],
  ['a text', 'no stock left'],
  ['a symbol', Symbol('stock')],
  ['a function', () => {}],
  ['a bare object', Object.create(null)],
  ['an object that cannot be read', hostile],
  ['an error whose message cannot be read', new Nameless()],
  ['an error whose message is no text', Object.assign(new Error(), { message: { code: 1 } })],
  ['a frozen error', Object.freeze(new Error('frozen'))],
];

describe('stock: "the job stays active until its stall is noticed"; here a handler', () => {
  it.each(thrown)(
    'that throws %s has failed an attempt, and the next one follows',
    async (_, what) => {
      const app = stage.app();
      const attempts: number[] = [];
      const throwing = defineJob(
        { name: 'throwing', ...RETRY },
        (_input: undefined, job: JobContext) => {
          attempts.push(job.attempt);
          if (job.attempt === 1) throw what;
          return 'went on';
        },
      );
      app.register(throwing);
      const events = recordEvents(app);
      await app.work();
      const handle = await app.enqueue(throwing());
      await expect(handle.result()).resolves.toBe('went on');
      expect(attempts).toEqual([1, 2]);
      expect(events.map(({ name }) => name)).toEqual([
        'job.enqueued',
        'job.started',
        'job.failed',
        'job.started',
        'job.completed',
      ]);
      expect(await stage.bullJob(handle.id)).toMatchObject({ attemptsMade: 2, stalledCounter: 0 });
    },
  );

  it.each(thrown)('that throws %s in its last attempt is dead', async (_, what) => {
    const app = stage.app();
    const throwing = defineJob({ name: 'throwing', attempts: 1 }, () => {
      throw what;
    });
    app.register(throwing);
    await app.work();
    const handle = await app.enqueue(throwing());
    await expect(handle.result()).rejects.toMatchObject({ code: 'JOB_FAILED', id: handle.id });
    expect(await app.dead.list()).toMatchObject([{ id: handle.id, error: expect.any(Error) }]);
    expect(await (await stage.bullJob(handle.id)).getState()).toBe('failed');
  });
});

describe('stock: "an unknown back-off leaves the job active"; here', () => {
  it('a delivery that was put into the queue by hand with one is tried again', async () => {
    const app = stage.app();
    app.register(
      defineJob({ name: 'by-hand' }, (_input: undefined, job: JobContext) => {
        if (job.attempt === 1) throw new Error('first');
        return `attempt ${job.attempt}`;
      }),
    );
    await app.work();
    const job = await stage
      .queue()
      .add(
        'by-hand',
        { v: 1 },
        { jobId: 'by-hand-1', attempts: 2, backoff: { type: 'no-such-back-off' } },
      );
    await expect(app.call(job.id ?? '').result()).resolves.toBe('attempt 2');
  });
});

describe('stock: "the signal comes only to a processor with three parameters"; here', () => {
  const never = new AbortController().signal;
  const heard = (job: Pick<JobContext, 'signal'>) =>
    new Promise((_, reject) =>
      job.signal.addEventListener('abort', () => reject(job.signal.reason)),
    );
  const handlers: readonly (readonly [string, (...args: never[]) => Promise<unknown>])[] = [
    ['rest parameters', (...args: [input: undefined, job: JobContext]) => heard(args[1])],
    [
      'a default',
      (_input: unknown, job: Pick<JobContext, 'signal'> = { signal: never }) => heard(job),
    ],
  ];

  it.each(handlers)('a handler with %s hears it', async (_, handler) => {
    const app = stage.app();
    const listening = defineJob(
      { name: 'listening', attempts: 1, timeout: 20 },
      handler as (input: undefined, job: JobContext) => Promise<unknown>,
    );
    app.register(listening);
    await app.work();
    const handle = await app.enqueue(listening());
    await expect(handle.result()).rejects.toMatchObject({ cause: { code: 'JOB_TIMEOUT' } });
  });
});
