import { until, waitFor } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import {
  type BulletproofOptions,
  type CallHandle,
  defineJob,
  type JobDeadEvent,
  type Registrable,
  Snooze,
} from '../../src/index.js';
import { refusalOf } from '../app/refusal.js';
import { trial } from '../app/trial.js';

const bench = trial();

/** A job that counts its runs and answers its input. */
function counted() {
  const runs: number[] = [];
  const count = defineJob(
    { name: 'count', idempotencyKey: (n: number) => `n${n}`, attempts: 3 },
    (n: number): number => {
      runs.push(n);
      return n;
    },
  );
  return { count, runs };
}

function queue(): Queue {
  const bull = new Queue('default', { prefix: bench.prefix, connection: bench.redis });
  bench.closing(() => bull.close());
  return bull;
}

function appWith(...jobs: readonly Registrable[]) {
  const app = bench.app();
  app.register(...jobs);
  return app;
}

/** A worker that knows nothing of us. */
async function foreignWorker(process: () => Promise<unknown>, jobs: number): Promise<void> {
  let ended = 0;
  const worker = new Worker('default', process, {
    prefix: bench.prefix,
    connection: { url: bench.url, maxRetriesPerRequest: null },
  });
  const count = () => {
    ended += 1;
  };
  worker.on('failed', count).on('completed', count);
  await until(() => ended === jobs);
  await worker.close();
}

describe('the doctor', () => {
  it('enqueues what its producer did not, in the place of the late add', async () => {
    const { count, runs } = counted();
    const app = appWith(count);
    const handle = await app.enqueue(count(7));
    // As if the producer had died, or stood still, between transition and add.
    const keys = await bench.redis.keys(`${bench.prefix}:default:*`);
    await bench.redis.del(keys);
    expect(await app.doctor()).toMatchObject({
      looked: 1,
      redelivered: 1,
      repairs: [{ id: handle.id, queue: 'default', found: 'missing', done: 'redelivered' }],
    });
    await app.enqueue(count(7)); // the late add
    await app.work({ queues: { default: 5 } });
    await expect(handle.result()).resolves.toBe(7);
    await app.enqueue(count(8)).then((other) => other.result());
    expect(runs).toEqual([7, 8]);
    expect(await app.doctor()).toMatchObject({ looked: 0, redelivered: 0, repairs: [] });
  });

  it('enqueues a job again that was removed by hand, though BullMQ would take no second add', async () => {
    const { count, runs } = counted();
    const app = appWith(count);
    const handle = await app.enqueue(count(7));
    expect(await queue().remove(handle.id)).toBe(1);
    expect(await app.doctor()).toMatchObject({ looked: 1, redelivered: 1 });
    expect(await app.doctor()).toMatchObject({ looked: 1, redelivered: 0 });
    await app.work({ queues: { default: 5 } });
    await expect(handle.result()).resolves.toBe(7);
    expect(runs).toEqual([7]);
  });

  it('brings a whole queue back that was obliterated, whichever doctor comes first', async () => {
    const { count, runs } = counted();
    const app = appWith(count);
    const inputs = Array.from({ length: 450 }, (_, n) => n);
    await app.enqueueMany(inputs.map((n) => count(n)));
    const bull = queue();
    await bull.obliterate({ force: true });
    const doctors = [app, bench.app(), bench.app()];
    const reports = await Promise.all(doctors.map((one) => one.doctor()));
    for (const report of reports) expect(report.looked).toBe(450);
    expect(await app.doctor()).toMatchObject({ looked: 450, redelivered: 0 });
    await bull.resume(); // obliterating pauses it
    await app.work({ queues: { default: 50 } });
    await until(() => runs.length >= 450);
    expect([...runs].sort((a, b) => a - b)).toEqual(inputs);
  });

  it('keeps the recorded steps of a call whose delivery was lost between two attempts', async () => {
    const effects: string[] = [];
    const pay = defineJob(
      { name: 'pay', attempts: 2, backoff: { type: 'fixed', delay: '1h' } },
      async (input: { order: string }, job) => {
        await job.step('charge', () => void effects.push('charge'));
        if (job.attempt === 1 && effects.length === 1 && !effects.includes('mail')) {
          effects.push('mail');
          throw new Error('the mail server is away');
        }
        return input.order;
      },
    );
    const app = appWith(pay);
    await app.work({ queues: { default: 5 } });
    const failed = waitFor(app.events, 'job.failed');
    const handle = await app.enqueue(pay({ order: '7' }, { idempotencyKey: 'order 7' }));
    await failed;
    const bull = queue();
    await until(async () => (await bull.getJobState(handle.id)) === 'delayed');
    await bull.remove(handle.id);
    expect(await app.doctor()).toMatchObject({ looked: 1, redelivered: 1 });
    await expect(handle.result()).resolves.toBe('7');
    expect(effects).toEqual(['charge', 'mail']);
  });

  it('leaves a call alone whose run still has its lease, and what is well', async () => {
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const hold = defineJob({ name: 'hold' }, async (_input: number, job) => {
      await job.step('begun', () => true);
      await held;
      return 'done';
    });
    const later = defineJob({ name: 'later' }, (_input: number): number => {
      throw new Snooze('1h', 'not yet');
    });
    const flaky = defineJob(
      { name: 'flaky', attempts: 2, backoff: { type: 'fixed', delay: '1h' } },
      (_input: number) => {
        throw new Error('not this time');
      },
    );
    const idle = defineJob({ name: 'idle', queue: 'low' }, (_input: number) => 0);
    const app = appWith(hold, later, flaky, idle);
    await app.work({ queues: { default: 5 } });
    const [snoozed, failed] = [
      waitFor(app.events, 'job.snoozed'),
      waitFor(app.events, 'job.failed'),
    ];
    const running = await app.enqueue(hold(1, { id: 'running1' }));
    const others = await Promise.all([
      app.enqueue(later(1, { id: 'snoozed' })),
      app.enqueue(flaky(1, { id: 'failed' })),
      app.enqueue(idle(1, { id: 'idle' })),
      app.enqueue(idle(1, { id: 'delayed', delay: '1h' })),
    ]);
    await Promise.all([snoozed, failed]);
    await until(async () => (await running.status()).state === 'running');
    await until(async () => (await others[0].status()).state === 'snoozed');
    await until(async () => (await others[1].status()).state === 'delayed');
    expect(await app.doctor()).toMatchObject({ looked: 5, held: 0, repairs: [] });
    await bench.redis.del(`${bench.prefix}:default:running1`);
    await until(async () => (await app.doctor()).held === 1);
    letGo();
    await expect(running.result()).resolves.toBe('done');
    expect(await app.doctor()).toMatchObject({ looked: 4, held: 0, repairs: [] });
    await Promise.all(others.map((handle) => handle.cancel()));
  });

  it('puts a snoozed call whose delivery was lost back for the time that is left', async () => {
    const later = defineJob({ name: 'later' }, (_input: number): number => {
      throw new Snooze('1h', 'not yet');
    });
    const app = appWith(later);
    await app.work({ queues: { default: 5 } });
    const snoozed = waitFor(app.events, 'job.snoozed');
    const handle = await app.enqueue(later(1, { id: 's1' }));
    await snoozed;
    const bull = queue();
    await until(async () => (await bull.getJobState('s1')) === 'delayed');
    await bull.remove('s1');
    expect(await app.doctor()).toMatchObject({ looked: 1, redelivered: 1 });
    expect((await handle.status()).state).toBe('delayed');
    const [job] = await bull.getDelayed();
    expect(job?.delay).toBeGreaterThan(3_500_000);
    await handle.cancel();
  });

  it('ends a call as dead whose delivery failed outside a handler, and the dead call can be retried', async () => {
    const { count, runs } = counted();
    const app = appWith(count);
    const handle: CallHandle<number> = await app.enqueue(count(7));
    await foreignWorker(() => Promise.reject(new UnrecoverableError('what is this')), 1);
    const died = waitFor(app.events, 'job.dead', (_event: JobDeadEvent) => true);
    expect(await app.doctor()).toMatchObject({
      looked: 1,
      buried: 1,
      repairs: [{ id: handle.id, found: 'failed', done: 'buried' }],
    });
    expect(await died).toMatchObject({ id: handle.id, name: 'count', key: 'n7' });
    expect(await refusalOf(() => handle.result())).toMatchObject({
      code: 'JOB_FAILED',
      cause: { code: 'DELIVERY_DIED', job: 'count', why: 'what is this' },
    });
    expect(await app.dead.list({ errorCode: 'DELIVERY_DIED' })).toHaveLength(1);
    const again = await app.dead.retry(handle.id);
    await app.work({ queues: { default: 5 } });
    await expect(again.result()).resolves.toBe(7);
    expect(runs).toEqual([7]);
  });

  it('takes over the result of a delivery that another worker completed', async () => {
    const { count, runs } = counted();
    const app = appWith(count);
    const handle = await app.enqueue(count(7));
    await foreignWorker(() => Promise.resolve(49), 1);
    expect(await app.doctor()).toMatchObject({ looked: 1, completed: 1 });
    await expect(handle.result()).resolves.toBe(49);
    expect((await app.enqueue(count(7))).deduplicated).toBe(true);
    expect(runs).toEqual([]);
  });

  it('makes an end of a call of which neither record nor queue knows the input', async () => {
    let fails = true;
    const flaky = defineJob(
      { name: 'flaky', attempts: 3, backoff: { type: 'fixed', delay: '1h' } },
      async (_input: number, job) => {
        if (fails) await bench.redis.del(await bench.redis.keys(`${bench.prefix}:{*`));
        fails = false;
        await job.step('begun', () => true);
        throw new Error('not this time');
      },
    );
    const app = appWith(flaky);
    await app.work({ queues: { default: 5 } });
    const failed = waitFor(app.events, 'job.failed');
    const handle = await app.enqueue(flaky(1, { id: 'f1' }));
    await failed;
    const bull = queue();
    await until(async () => (await bull.getJobState('f1')) === 'delayed');
    expect(await app.doctor()).toMatchObject({ looked: 1, repairs: [] });
    await bull.remove('f1');
    expect(await app.doctor()).toMatchObject({ looked: 1, abandoned: 1 });
    expect(await refusalOf(() => handle.result())).toMatchObject({ code: 'JOB_CANCELLED' });
    expect(await app.doctor()).toMatchObject({ looked: 0 });
  });

  it('forgets in its index what was deleted by hand', async () => {
    const { count } = counted();
    const app = appWith(count);
    await app.enqueue(count(7));
    await bench.redis.del(await bench.redis.keys(`${bench.prefix}:{*}:key:*`));
    expect(await app.doctor()).toMatchObject({ looked: 0, repairs: [] });
    expect(await bench.redis.keys(`${bench.prefix}:{*}:open`)).toEqual([]);
  });

  it('says so when Redis is away', async () => {
    const options: Partial<BulletproofOptions> = {
      redis: 'redis://127.0.0.1:1',
      enqueueTimeout: '200ms',
    };
    const app = bench.app(options);
    expect(await refusalOf(() => app.doctor())).toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      call: undefined,
    });
  });
});
