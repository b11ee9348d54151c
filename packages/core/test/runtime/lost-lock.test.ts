// The lock of a running job is lost, and the worker that lost it gets the same job again: in stock BullMQ the first
// run, when it ends, stops the renewal of its successor's lock, which then loses its own, and so on.
import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { Worker } from 'bullmq';
import { defineJob, type JobContext } from '../../src/index.js';
import { deferred, recordEvents, world } from './world.js';

const stage = world();

interface Started {
  readonly job: JobContext;
  end(): void;
}

/** A job whose runs end when they are told to, each with its number. */
function toldJob(name: string, options: { keyed: boolean; onStart?: (run: number) => void }) {
  const started = [deferred<Started>(), deferred<Started>(), deferred<Started>()];
  let runs = 0;
  const told = defineJob(
    {
      name,
      attempts: 1,
      ...(options.keyed ? { idempotencyKey: ({ key }: { key: string }) => key } : {}),
    },
    async (_input: { key: string }, job: JobContext) => {
      const run = runs;
      runs += 1;
      const end = deferred();
      started[run]?.resolve({ job, end: end.resolve });
      options.onStart?.(run);
      await end.promise;
      return `run ${run}`;
    },
  );
  return { told, started: started.map(({ promise }) => promise), runs: () => runs };
}

const lockOf = (id: string) => `${stage.prefix}:default:${id}:lock`;

/** Waits until the lock was renewed that often. */
async function renewals(id: string, count: number): Promise<void> {
  let last = await stage.redis.pttl(lockOf(id));
  for (let seen = 0; seen < count; seen += 1) {
    await until(async () => {
      const now = await stage.redis.pttl(lockOf(id));
      const isRenewed = now > last;
      last = now;
      return isRenewed;
    });
  }
}

describe('stock: "a run that outlived its lock takes its successor\'s lock with it"; here', () => {
  it.each([
    ['keyed', true],
    ['anonymous', false],
  ])(
    'one lost lock of a call (%s) costs one more start, and no other',
    async (_, keyed) => {
      const app = stage.app({ lease: '1s' });
      const { told, started, runs } = toldJob('told', { keyed });
      app.register(told);
      const events = recordEvents(app);
      await app.work();
      const handle = await app.enqueue(told({ key: '1' }));
      const [first, second] = [await started[0], started[1]];
      await stage.redis.del(lockOf(handle.id));

      const successor = await second;
      expect(first?.job.signal.reason).toMatchObject({ code: 'LEASE_LOST', id: handle.id });
      first?.end();
      // Longer than a lease: without renewal, the stall scan would have taken the call away again.
      await renewals(handle.id, 6);
      successor?.end();

      await expect(handle.result()).resolves.toBe('run 1');
      expect(runs()).toBe(2);
      expect(successor?.job.fencingToken).toBeGreaterThan(first?.job.fencingToken ?? Infinity);
      // The record of a key holds a second run back until the lease of the first has ended: one more look.
      expect(await stage.bullJob(handle.id)).toMatchObject({
        attemptsStarted: keyed ? 3 : 2,
        attemptsMade: 1,
      });
      const said = events.map(({ name }) => name).filter((name) => name !== 'job.stalled');
      expect(said).toEqual(['job.enqueued', 'job.started', 'job.started', 'job.completed']);
    },
    30_000,
  );

  it('nor when both are due for renewal at once, because the event loop stood still', async () => {
    const app = stage.app({ lease: '2s' });
    const { told, started, runs } = toldJob('told', {
      keyed: false,
      onStart: (run) => {
        // Longer than the quarter of a lease after which the next renewal is due, of either.
        if (run === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
      },
    });
    app.register(told);
    await app.work();
    const handle = await app.enqueue(told({ key: '1' }));
    await started[0];
    await renewals(handle.id, 1);
    await loseNow(handle.id);
    const successor = await started[1];
    await renewals(handle.id, 2);
    successor?.end();
    await expect(handle.result()).resolves.toBe('run 1');
    expect(runs()).toBe(2);
  }, 30_000);
});

/** The lock is gone, and a stall scan finds that at once. */
async function loseNow(id: string): Promise<void> {
  const connection = stage.redis.duplicate({ maxRetriesPerRequest: null });
  const scanner = new Worker('default', undefined, {
    prefix: stage.prefix,
    connection,
    autorun: false,
    maxStalledCount: 1_000,
  });
  const base = `${stage.prefix}:default`;
  await stage.redis
    .multi()
    .del(lockOf(id))
    .sadd(`${base}:stalled`, id)
    .del(`${base}:stalled-check`)
    .exec();
  await (scanner as unknown as { moveStalledJobsToWait(): Promise<void> }).moveStalledJobsToWait();
  await scanner.close();
  await connection.quit();
}
