// What one process enqueues and another one runs: contracts without handlers, handles by id, and cancelling.
import { type Child, startChild, until, waitFor } from '@bulletproof/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineJob, type JobContext, Snooze } from '../../src/index.js';
import { deferred, recordEvents, world } from './world.js';

const stage = world();

let other: Child;
beforeEach(async () => {
  other = startChild(new URL('../fixtures/other-process.ts', import.meta.url), {
    env: { APP: JSON.stringify({ redis: stage.url, prefix: stage.prefix }) },
  });
  await other.message('ready');
});
afterEach(() => other.kill());

/** Lets the other process do something, and answers what it said of it. */
async function ask(deed: string, told: Record<string, unknown>): Promise<Record<string, unknown>> {
  other.tell(deed, told);
  const { say: _, ...said } = await other.message(`${deed} done`);
  return said;
}

async function enqueuedThere(told: { n: number; key?: string }) {
  const { answer } = await ask('enqueue', told);
  return answer as { id: string; deduplicated: boolean };
}

const KINDS: readonly (readonly [string, { n: number; key?: string }])[] = [
  ['anonymous', { n: 21 }],
  ['keyed', { n: 21, key: 'order-1' }],
];

describe.each(KINDS)(
  'a call (%s) of a contract, enqueued by a process without its handler',
  (_, told) => {
    it('is run where the handler is, and its result comes back by id', async () => {
      const { id } = await enqueuedThere(told);
      const app = stage.app();
      app.register(defineJob({ name: 'double' }, ({ n }: { n: number }) => n * 2));
      const result = ask('result', { id });
      await app.work();
      expect(await result).toEqual({ answer: 42 });
      await expect(app.call(id).result()).resolves.toBe(42);
      const status = await app.call(id).status();
      expect(await ask('status', { id })).toEqual({ answer: status });
    });

    it('can be cancelled there while it waits, and never starts', async () => {
      const { id } = await enqueuedThere(told);
      expect(await ask('cancel', { id, reason: 'changed' })).toEqual({ answer: true });
      const app = stage.app();
      let runs = 0;
      app.register(defineJob({ name: 'double' }, () => (runs += 1)));
      await app.work();
      const later = await app.enqueue({ job: 'double', input: { n: 1 } });
      await later.result();
      expect(runs).toBe(1);
      await expect(app.call(id).result()).rejects.toMatchObject({
        code: 'JOB_CANCELLED',
        reason: 'changed',
      });
    });

    it('can be cancelled there while it runs: its signal fires, and its result is refused', async () => {
      const { id } = await enqueuedThere(told);
      const started = deferred<JobContext>();
      const late = deferred<string>();
      const app = stage.app();
      app.register(
        defineJob({ name: 'double' }, async (_input: { n: number }, job: JobContext) => {
          started.resolve(job);
          await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
          // What it did until it heard of it has happened, and is remembered; the result is refused.
          late.resolve(await job.step('undone', () => 'charge taken back'));
          return 'too late';
        }),
      );
      const cancelled = waitFor(app.events, 'job.cancelled');
      const worker = await app.work();
      const job = await started.promise;
      expect(await ask('cancel', { id, reason: 'changed' })).toEqual({ answer: true });
      expect(await cancelled).toMatchObject({ id, attempt: 1, reason: 'changed' });
      expect(job.signal.reason).toMatchObject({ code: 'JOB_CANCELLED', id, reason: 'changed' });
      expect(await late.promise).toBe('charge taken back');
      await worker.close();
      expect(await ask('status', { id })).toMatchObject({ answer: { state: 'cancelled' } });
      expect(await ask('result', { id })).toEqual({ code: 'JOB_CANCELLED' });
      expect(await ask('cancel', { id, reason: 'again' })).toEqual({ answer: true });
      expect(await app.dead.list()).toEqual([]);
    });

    it('can be cancelled there while it is snoozed, and does not wake up', async () => {
      const { id } = await enqueuedThere(told);
      const app = stage.app();
      app.register(
        defineJob({ name: 'double' }, () => {
          throw new Snooze('1h', 'the shop is closed');
        }),
      );
      const snoozed = waitFor(app.events, 'job.snoozed');
      await app.work();
      await snoozed;
      const isSnoozed = async () => (await app.call(id).status()).state === 'snoozed';
      await until(isSnoozed);
      expect(await ask('cancel', { id, reason: 'changed' })).toEqual({ answer: true });
      expect(await ask('status', { id })).toMatchObject({
        answer: { state: 'cancelled', reason: 'changed' },
      });
      await expect(app.queues.status()).resolves.toMatchObject([{}, {}, { delayed: 0 }, {}]);
    });
  },
);

describe('a key', () => {
  it('is one key for all processes, and its call can be cancelled by any of them', async () => {
    const app = stage.app();
    const double = defineJob({ name: 'double' }, ({ n }: { n: number }) => n * 2);
    app.register(double);
    const events = recordEvents(app);
    const first = await enqueuedThere({ n: 1, key: 'order-1' });
    const second = await app.enqueue(double({ n: 1 }, { idempotencyKey: 'order-1' }));
    expect(second).toMatchObject({ id: first.id, deduplicated: true });
    await second.cancel('enough');
    const third = await enqueuedThere({ n: 2, key: 'order-1' });
    expect(third.deduplicated).toBe(false);
    await app.work();
    expect(await ask('result', { id: third.id })).toEqual({ answer: 4 });
    expect(events.map(({ name }) => name)).toEqual([
      'job.deduplicated',
      'job.cancelled',
      'job.started',
      'job.completed',
    ]);
  });
});
