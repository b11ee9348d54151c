// A worker meets a job that it does not know: a rolling deploy, seen from the workers that are still old.
import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type CallHandle, defineJob, type JobContext } from '../../src/index.js';
import { recordEvents, world } from './world.js';

const stage = world();

interface Act {
  readonly key: string;
  readonly scene: string;
}

const parked = async (handle: CallHandle) => {
  await until(async () => (await handle.status()).state === 'delayed', { what: 'a parked call' });
  return stage.bullJob(handle.id);
};
/** The minute that a parked call waits is over. */
const minuteIsOver = async (handle: CallHandle) => (await stage.bullJob(handle.id)).promote();

const kinds = [
  ['anonymous', {}],
  ['keyed', { idempotencyKey: ({ key }: Act) => key }],
] as const;

describe.each(kinds)('a call (%s) of a job that no handler is registered for', (_, options) => {
  const contract = defineJob<Act, string>({ name: 'act', attempts: 1, ...options } as never);
  const call = contract({ key: '1', scene: 'finish' });

  it('is parked for a minute, again and again, with a warning; and runs once it is known', async () => {
    const lines: { level: number; job: string; retryInMs: number }[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => lines.push(JSON.parse(line)) });
    const old = stage.app({ logger });
    const events = recordEvents(old);
    const worker = await old.work();
    const producer = stage.app();
    const handle = await producer.enqueue(call);
    for (const starts of [1, 2, 3]) {
      await until(async () => (await parked(handle)).attemptsStarted === starts);
      expect(await handle.status()).toMatchObject({ attempt: 0, maxAttempts: 1 });
      const { delay, timestamp } = await parked(handle);
      expect(timestamp + delay).toBeLessThanOrEqual(Date.now() + 60_000);
      if (starts < 3) await minuteIsOver(handle);
    }
    expect(lines.filter(({ job }) => job === 'act')).toMatchObject(
      [1, 2, 3].map(() => ({ level: 40, retryInMs: 60_000 })),
    );
    expect(events).toEqual([]);

    const attempts: number[] = [];
    old.register(
      defineJob({ name: 'act', attempts: 1, ...options }, (__: Act, job: JobContext) => {
        attempts.push(job.attempt);
        return 'known by now';
      }),
    );
    await minuteIsOver(handle);
    await expect(handle.result()).resolves.toBe('known by now');
    expect(attempts).toEqual([1]);
    expect(await stage.bullJob(handle.id)).toMatchObject({ attemptsMade: 1, stalledCounter: 0 });
    await worker.close();
  });

  it('is dead when it expires before a worker knows it, though one knows it by then', async () => {
    const worker = stage.app();
    await worker.work();
    const producer = stage.app();
    const expiring = contract({ key: '1', scene: 'finish' }, { expiresAfter: 300 });
    const handle = await producer.enqueue(expiring);
    await parked(handle);
    let runs = 0;
    worker.register(defineJob({ name: 'act', ...options }, () => (runs += 1)));
    const { enqueuedAt } = await handle.status();
    await until(() => Date.now() > enqueuedAt + 300);
    await minuteIsOver(handle);
    await expect(handle.result()).rejects.toMatchObject({ cause: { code: 'JOB_EXPIRED' } });
    expect(runs).toBe(0);
  });
});

describe('a rolling deploy', () => {
  it('loses nothing and fails nothing while old workers do not know the new job', async () => {
    const producer = stage.app();
    const known = defineJob({ name: 'act', idempotencyKey: ({ key }: Act) => key });
    const fresh = defineJob({
      name: 'act-once',
      idempotencyKey: ({ key }: Act) => key,
      attempts: 1,
    });
    const old = stage.workerProcess({ slots: 2, jobs: ['act'] });
    await old.message('ready');
    const keys = ['1', '2', '3'];
    const handles = await Promise.all([
      ...keys.map((key) => producer.enqueue(fresh({ key, scene: 'finish' }))),
      ...keys.map((key) => producer.enqueue(known({ key, scene: 'finish' }))),
    ]);
    const [news, olds] = [handles.slice(0, 3), handles.slice(3)];
    const byOld = `done by ${old.pid}`;
    expect(await Promise.all(olds.map((handle) => handle.result()))).toEqual([byOld, byOld, byOld]);
    for (const handle of news) await parked(handle);

    const young = stage.workerProcess();
    await young.message('ready');
    old.tell('close', { deadline: 1_000 });
    await old.message('closed');
    for (const handle of news) await minuteIsOver(handle);
    const byYoung = `done by ${young.pid}`;
    expect(await Promise.all(news.map((handle) => handle.result()))).toEqual([
      byYoung,
      byYoung,
      byYoung,
    ]);
    expect(await producer.dead.list()).toEqual([]);
    expect(await stage.effects()).toHaveLength(6);
    young.tell('close', { deadline: 1_000 });
    await young.message('closed');
  }, 30_000);
});
