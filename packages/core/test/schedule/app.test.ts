import { removeKeys, until, waitFor } from '@bulletproof/test-kit';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  type Bulletproof,
  defineJob,
  type JobCompletedEvent,
  type JobContext,
} from '../../src/index.js';
import { refusalOf as refusal } from '../app/refusal.js';
import { trial } from '../app/trial.js';
import { deferred } from '../runtime/world.js';

const t = trial();
afterEach(() => removeKeys(t.redis, t.prefix));

/** A job that notes the keys of its runs. */
function noting(name = 'note') {
  const keys: string[] = [];
  const job = defineJob({ name }, async (_: { n: number }, { idempotencyKey = '' }: JobContext) => {
    keys.push(idempotencyKey);
  });
  return { keys, job, ticks: () => keys.map((key) => Date.parse(key.split('@')[1] ?? '')) };
}

async function working(app: Bulletproof): Promise<Bulletproof> {
  await app.work({ queues: { default: 5 } });
  return app;
}

describe('app.schedule', () => {
  it('runs the call once a tick, with the tick for its key', async () => {
    const { job, keys, ticks } = noting();
    const app = await working(t.app().register(job));
    await app.schedule('every-second', { every: '1s' }, job({ n: 1 }));
    await until(() => keys.length >= 3);
    const [first = 0, second] = ticks();
    expect(second).toBe(first + 1_000);
    expect(first % 1_000).toBe(0);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('tells of a tick, and that it came late', async () => {
    const { job } = noting();
    const app = await working(t.app().register(job));
    const late = waitFor(app.events, 'schedule.late');
    const ticked = waitFor(app.events, 'schedule.ticked');
    await app.schedule('n', { every: '1s', lateAfter: 0 }, job({ n: 1 }));
    const about = { schedule: 'n', job: 'note', tick: expect.any(Number) };
    expect(await ticked).toMatchObject({ ...about, id: expect.stringMatching(/^k-.*-schedule$/) });
    expect(await late).toMatchObject({ ...about, lateMs: expect.any(Number) });
  });

  it('goes on after each end with `after`, also after a failure, a cancellation and a removal', async () => {
    let runs = 0;
    const held = deferred();
    const started = deferred<string>();
    const beat = defineJob({ name: 'beat', attempts: 1 }, async (_: object, job: JobContext) => {
      runs += 1;
      if (runs === 2) throw new Error('no');
      if (runs === 3) {
        started.resolve(job.id);
        await held.promise;
      }
    });
    const app = await working(t.app().register(beat));
    const done = waitFor(app.events, 'job.completed', (_event: JobCompletedEvent) => runs >= 5);
    await app.schedule('heart', { after: '50ms' }, beat({}));
    expect(await app.call(await started.promise).cancel()).toBe(true);
    held.resolve();
    await done;
    // The beat after next is unknown until the next one has ended.
    await until(async () => (await app.schedules.next('heart', 5)).length === 1);
  });

  it('does nothing when it is said again, and replaces what was said otherwise', async () => {
    const { job, keys } = noting();
    const app = t.app().register(job);
    await app.schedule('n', { every: '1d' }, job({ n: 1 }));
    const before = await t.redis.hgetall(await keyOf('n'));
    await app.schedule('n', { every: '1d' }, job({ n: 1 }));
    expect(await t.redis.hgetall(await keyOf('n'))).toEqual(before);
    await app.schedule('n', { every: '2d' }, job({ n: 1 }));
    expect(await app.schedules.list()).toMatchObject([{ every: 2 * 86_400_000 }]);
    expect(keys).toEqual([]);
  });

  it('runs a job whose own key would be the same for every tick', async () => {
    const ids: string[] = [];
    const job = defineJob(
      { name: 'k', idempotencyKey: () => 'same' },
      async (_: object, { id }) => {
        ids.push(id);
      },
    );
    const app = await working(t.app().register(job));
    await app.schedule('n', { every: '1s' }, job({}));
    await until(() => ids.length >= 2);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes a call by a contract, whose handler is elsewhere', async () => {
    const contract = defineJob<{ n: number }>({ name: 'note' });
    await t.app().schedule('n', { every: '1s' }, contract({ n: 1 }));
    const { job, keys } = noting();
    await working(t.app().register(job));
    await until(() => keys.length >= 1);
  });

  it.each([
    ['UNREGISTERED_JOB', 'a job that is not registered', () => noting('other').job({ n: 1 })],
    ['UNREGISTERED_JOB', 'plain data of an unknown job', () => ({ job: 'x', input: {} }) as never],
  ])('refuses with %s %s', async (code, _, call) => {
    expect(await refusal(() => t.app().schedule('n', { every: '1s' }, call()))).toMatchObject({
      code,
    });
  });

  it('refuses a bad name, bad options, a bad input, and a call that says when', async () => {
    const job = defineJob({ name: 'j', input: z.object({ n: z.number() }) }, async () => {});
    const app = t.app().register(job);
    const call = job({ n: 1 });
    const code = 'INVALID_OPTION';
    expect(await refusal(() => app.schedule('', { every: '1s' }, call))).toMatchObject({ code });
    expect(await refusal(() => app.schedule('x'.repeat(201), { every: '1s' }, call))).toMatchObject(
      {
        code,
      },
    );
    expect(await refusal(() => app.schedule('n', { cron: 'never' }, call))).toMatchObject({ code });
    for (const options of [
      { id: 'a' },
      { idempotencyKey: 'a' },
      { delay: '1s' },
      { at: 5 },
    ] as const) {
      const timed = job({ n: 1 }, options);
      expect(await refusal(() => app.schedule('n', { every: '1s' }, timed))).toMatchObject({
        code,
      });
    }
    const wrong = job({ n: 'one' as never });
    expect(await refusal(() => app.schedule('n', { every: '1s' }, wrong))).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await app.schedules.list()).toEqual([]);
  });
});

describe('app.schedules', () => {
  it('lists, and tells the next ticks', async () => {
    const { job } = noting();
    const app = t.app().register(job);
    await app.schedule('b', { cron: '0 0 * * *', timezone: 'Africa/Cairo' }, job({ n: 1 }));
    await app.schedule('a', { every: '1h', overlap: 'queue' }, job({ n: 1 }, { queue: 'low' }));
    expect(await app.schedules.list()).toMatchObject([
      { name: 'a', queue: 'low', every: 3_600_000, overlap: 'queue', declared: false, waiting: 0 },
      { name: 'b', job: 'note', cron: '0 0 * * *', timezone: 'Africa/Cairo', misfire: 'once' },
    ]);
    const next = await app.schedules.next('a', 3);
    expect(
      next.map((date, at) => date.getTime() - (next[0]?.getTime() ?? 0) - at * 3_600_000),
    ).toEqual([0, 0, 0]);
  });

  it('pauses and resumes', async () => {
    const { job, keys } = noting();
    const app = await working(t.app().register(job));
    await app.schedule('n', { every: '1s' }, job({ n: 1 }));
    await until(() => keys.length >= 1);
    await app.schedules.pause('n');
    expect(await app.schedules.next('n')).toEqual([]);
    expect(await app.schedules.list()).toMatchObject([{ name: 'n', paused: true }]);
    await app.schedules.resume('n');
    expect(await app.schedules.list()).toMatchObject([{ paused: false }]);
    const before = keys.length;
    await until(() => keys.length > before + 1);
  });

  it('triggers a run beside the ticks', async () => {
    const { job, keys } = noting();
    const app = await working(t.app().register(job));
    await app.schedule('n', { cron: '0 0 1 1 *' }, job({ n: 1 }));
    const handle = await app.schedules.trigger('n');
    await handle.result();
    expect(keys).toEqual([expect.stringMatching(/^n!/)]);
    expect((await app.schedules.list())[0]?.lastAt).toBeUndefined();
  });

  it('removes; nothing is left', async () => {
    const { job } = noting();
    const app = t.app().register(job);
    await app.schedule('n', { every: '1s' }, job({ n: 1 }));
    expect(await app.schedules.remove('n')).toBe(true);
    expect(await app.schedules.remove('n')).toBe(false);
    expect(await t.redis.keys(`${t.prefix}*`)).toEqual([]);
  });

  it('knows no schedule of another name', async () => {
    const { schedules } = t.app();
    const code = 'UNKNOWN_SCHEDULE';
    expect(await refusal(() => schedules.pause('x'))).toMatchObject({ code, schedule: 'x' });
    expect(await refusal(() => schedules.resume('x'))).toMatchObject({ code });
    expect(await refusal(() => schedules.trigger('x'))).toMatchObject({ code });
    expect(await refusal(() => schedules.next('x'))).toMatchObject({ code });
  });

  it.each([0, 1.5, 10_001, '3' as never])('previews no %p ticks', async (count) => {
    const { job } = noting();
    const app = t.app().register(job);
    await app.schedule('n', { every: '1s' }, job({ n: 1 }));
    expect(await refusal(() => app.schedules.next('n', count))).toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});

describe('twenty apps that boot together', () => {
  it('run each tick once, none is lost', async () => {
    const { job, keys, ticks } = noting();
    const apps = Array.from({ length: 20 }, () => t.app().register(job));
    await Promise.all(
      apps.map(async (app) => {
        await app.schedule('n', { every: '1s', misfire: 'all', overlap: 'queue' }, job({ n: 1 }));
        await app.work({ queues: { default: 1 } });
      }),
    );
    await until(() => keys.length >= 5, { deadlineMs: 30_000 });
    const sorted = ticks().sort((a, b) => a - b);
    expect(sorted.map((tick) => tick - (sorted[0] ?? 0))).toEqual(
      sorted.map((_, at) => at * 1_000),
    );
  }, 60_000);
});

async function keyOf(name: string): Promise<string> {
  const [key = ''] = await t.redis.keys(`${t.prefix}:*:schedule:${name}`);
  return key;
}
