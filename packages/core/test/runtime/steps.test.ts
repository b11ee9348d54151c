// Steps over attempts, and the ends that a handler may choose: failing, being too late, snoozing, discarding.
import { waitFor } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { Discard, defineJob, type JobContext, Snooze } from '../../src/index.js';
import { deferred, recordEvents, world } from './world.js';

const stage = world();
const AT_ONCE = { type: 'fixed', delay: 0 } as const;

const kinds = [
  ['anonymous', {}],
  ['keyed', { idempotencyKey: () => 'order-1' }],
] as const;

describe.each(kinds)('the steps of a call (%s)', (_, key) => {
  it('run once a call, and give every attempt, the first too, what JSON makes of their values', async () => {
    const app = stage.app();
    const [ran, seen]: [string[], unknown[]] = [[], []];
    const values: Record<string, unknown> = {
      date: new Date(0),
      dropped: { a: undefined, b: 1 },
      nothing: undefined,
      null: null,
      number: 0.1,
      text: '"; é 🦊 \u2028',
      list: [undefined, 1],
      map: new Map([[1, 2]]),
    };
    const stepping = defineJob(
      { name: 'stepping', attempts: 3, backoff: AT_ONCE, ...key },
      async (_input: undefined, job: JobContext) => {
        const got: Record<string, unknown> = {};
        for (const [name, value] of Object.entries(values)) {
          got[name] = await job.step(name, () => {
            ran.push(name);
            return value;
          });
        }
        seen.push(got);
        if (job.attempt < 3) throw new Error(`attempt ${job.attempt}`);
        return got;
      },
    );
    app.register(stepping);
    await app.work();
    const handle = await app.enqueue(stepping());
    const json = {
      date: '1970-01-01T00:00:00.000Z',
      dropped: { b: 1 },
      nothing: undefined,
      null: null,
      number: 0.1,
      text: '"; é 🦊 \u2028',
      list: [null, 1],
      map: {},
    };
    const { nothing: _nothing, ...result } = json;
    expect(await handle.result()).toEqual(result);
    expect(seen).toStrictEqual([json, json, json]);
    expect(ran).toEqual(Object.keys(values));
  });

  it('that threw run again, and the ones before them do not', async () => {
    const app = stage.app();
    const ran: string[] = [];
    const stepping = defineJob(
      { name: 'stepping', attempts: 2, backoff: AT_ONCE, ...key },
      async (_input: undefined, job: JobContext) => {
        const a = await job.step('reserve', () => ran.push('reserve'));
        return job.step('charge', async () => {
          ran.push('charge');
          if (job.attempt === 1) throw new Error('declined');
          return a + 1;
        });
      },
    );
    app.register(stepping);
    await app.work();
    const handle = await app.enqueue(stepping());
    expect(await handle.result()).toBe(2);
    expect(ran).toEqual(['reserve', 'charge', 'charge']);
  });

  it('may run beside each other; two of one name in one run are refused', async () => {
    const app = stage.app();
    const stepping = defineJob(
      { name: 'stepping', attempts: 1, ...key },
      async (_input: undefined, job: JobContext) => {
        const both = await Promise.all([job.step('a', () => 1), job.step('b', () => 2)]);
        await job.step('a', () => 3);
        return both;
      },
    );
    app.register(stepping);
    await app.work();
    const handle = await app.enqueue(stepping());
    await expect(handle.result()).rejects.toMatchObject({
      cause: { code: 'STEP_CONFLICT', job: 'stepping', step: 'a' },
    });
  });
});

describe.each(kinds)('stock: "there is no timeout of a job"; here a call (%s)', (_, key) => {
  it('that takes too long has failed an attempt, and its late run records nothing', async () => {
    const app = stage.app();
    const late = deferred<unknown[]>();
    const goOn = deferred();
    const slow = defineJob(
      { name: 'slow', attempts: 2, backoff: AT_ONCE, timeout: 30, ...key },
      async (_input: undefined, job: JobContext) => {
        await job.step('before', () => 1);
        if (job.attempt === 2) return 'in time';
        await goOn.promise;
        const refused = await Promise.allSettled([
          job.step('after', () => 2),
          job.progress(50),
          job.heartbeat(),
        ]);
        late.resolve([
          job.signal.reason,
          ...refused.map((each) => 'reason' in each && each.reason),
        ]);
        return 'too late';
      },
    );
    app.register(slow);
    const events = recordEvents(app);
    const failed = waitFor(app.events, 'job.failed');
    await app.work();
    const handle = await app.enqueue(slow());
    const timeout = { code: 'JOB_TIMEOUT', job: 'slow', id: handle.id, timeoutMs: 30 };
    await expect(failed).resolves.toMatchObject({ attempt: 1, error: timeout });
    await expect(handle.result()).resolves.toBe('in time');
    goOn.resolve();
    expect(await late.promise).toMatchObject([timeout, timeout, timeout, timeout]);
    expect(await handle.status()).toMatchObject({ attempt: 2, result: 'in time' });
    expect(events.map(({ name }) => name)).not.toContain('job.stalled');
  });

  it('that is too late in its last attempt is dead; a timeout given with the call wins', async () => {
    const app = stage.app();
    const slow = defineJob(
      { name: 'slow', attempts: 1, timeout: '1h', ...key },
      () => new Promise<never>(() => {}),
    );
    app.register(slow);
    await app.work();
    const handle = await app.enqueue(slow(undefined, { timeout: 20 }));
    await expect(handle.result()).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { code: 'JOB_TIMEOUT', timeoutMs: 20 },
    });
  });
});

describe.each(kinds)('a call (%s) whose handler', (_, key) => {
  it.each([
    ['throws Snooze', () => new Snooze(1, 'not yet'), 'not yet'],
    [
      'meets an error with retryAfterMs',
      () => Object.assign(new Error('busy'), { retryAfterMs: 1 }),
      'busy',
    ],
  ])(
    '%s runs again later, without consuming an attempt, with its steps',
    async (__, thrown, reason) => {
      const app = stage.app();
      const [ran, attempts]: [number[], number[]] = [[], []];
      const patient = defineJob(
        { name: 'patient', attempts: 1, ...key },
        async (_input: undefined, job: JobContext) => {
          attempts.push(job.attempt);
          await job.step('once', () => ran.push(1));
          if (attempts.length < 4) throw thrown();
          return 'at last';
        },
      );
      app.register(patient);
      const events = recordEvents(app);
      await app.work();
      const handle = await app.enqueue(patient());
      await expect(handle.result()).resolves.toBe('at last');
      expect(attempts).toEqual([1, 1, 1, 1]);
      expect(ran).toEqual([1]);
      const snoozed = events.filter(({ name }) => name === 'job.snoozed');
      expect(snoozed.map(({ payload }) => payload)).toMatchObject(
        [1, 1, 1].map((attempt) => ({ id: handle.id, attempt, reason })),
      );
      expect(await stage.bullJob(handle.id)).toMatchObject({ attemptsMade: 1, stalledCounter: 0 });
    },
  );

  it('asks for longer than time is, waits for the longest that a duration can be', async () => {
    const app = stage.app();
    const patient = defineJob({ name: 'patient', attempts: 1, ...key }, () => {
      throw Object.assign(new Error('never'), { retryAfterMs: Number.MAX_VALUE });
    });
    app.register(patient);
    const snoozed = waitFor(app.events, 'job.snoozed');
    const worker = await app.work();
    const handle = await app.enqueue(patient());
    expect(await snoozed).toMatchObject({ delayMs: 36_525 * 86_400_000 });
    await worker.close();
    expect(await handle.status()).toMatchObject({ state: 'snoozed', attempt: 0 });
    await handle.cancel();
  });

  it('throws Discard is dead at once, with the reason, and can be retried by hand', async () => {
    const app = stage.app();
    let runs = 0;
    const picky = defineJob({ name: 'picky', attempts: 5, ...key }, () => {
      runs += 1;
      if (runs === 1) throw new Discard('no such order');
      return 'there it is';
    });
    app.register(picky);
    const dead = waitFor(app.events, 'job.dead');
    await app.work();
    const handle = await app.enqueue(picky());
    await expect(handle.result()).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { code: 'DISCARDED', reason: 'no such order', job: 'picky', id: handle.id },
    });
    await expect(dead).resolves.toMatchObject({ id: handle.id, attempt: 1 });
    expect(await app.dead.list()).toMatchObject([{ attempts: 1, maxAttempts: 5 }]);
    await expect((await app.dead.retry(handle.id)).result()).resolves.toBe('there it is');
  });
});
