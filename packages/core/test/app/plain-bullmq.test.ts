import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Job, Queue } from 'bullmq';
import { type Call, Discard, defineJob, type JobContext, Snooze } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

// What bull-board and its like see: they read queues with BullMQ alone.
const bench = trial();
let finish: () => void = () => {};
const work = defineJob({ name: 'work', attempts: 3 }, async (what: string, job: JobContext) => {
  await job.progress({ done: 1, of: 2 });
  if (what === 'fail') throw new Error('broken');
  if (what === 'die') throw new Discard('unwanted');
  if (what === 'snooze') throw new Snooze('1h');
  if (what === 'hold') {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  }
  return { what };
});

function stock(name = 'default'): Queue {
  const queue = new Queue(name, { prefix: bench.prefix, connection: { url: bench.url } });
  bench.closing(() => queue.close());
  return queue;
}

function started() {
  const app = bench.app();
  app.register(work);
  return app;
}

async function inState(queue: Queue, id: string, state: string): Promise<Job> {
  await until(async () => (await queue.getJobState(id)) === state);
  const job = await queue.getJob(id);
  if (!job) throw new Error(`no job ${id}`);
  return job;
}

const kinds: readonly (readonly [string, (what: string) => Call])[] = [
  ['without key or id', (what) => work(what)],
  ['with an id', (what) => work(what, { id: 'work-1' })],
  ['with a key', (what) => work(what, { idempotencyKey: 'key' })],
];

describe.each(kinds)('BullMQ sees a call %s', (_kind, call) => {
  it('waiting: under its name, its id, and with its input', async () => {
    const app = started();
    const queue = stock();
    const { id } = await app.enqueue(call('easy'));
    const job = await inState(queue, id, 'waiting');
    expect(job).toMatchObject({ name: 'work', id, opts: { attempts: 3 }, attemptsMade: 0 });
    expect(job.data).toMatchObject({ v: 1, input: 'easy' });
    expect(job.timestamp).toBeGreaterThan(0);
    await expect(queue.getJobCounts('waiting')).resolves.toEqual({ waiting: 1 });
  });

  it('delayed, with the time that is left', async () => {
    const app = started();
    const { job: name, input, options } = call('easy');
    const delayed = { job: name, input, options: { ...options, delay: 3_600_000 } } as Call;
    const { id } = await app.enqueue(delayed);
    const job = await inState(stock(), id, 'delayed');
    expect(job.delay).toBeGreaterThan(3_500_000);
    expect(job.delay).toBeLessThanOrEqual(3_600_000);
  });

  it('active, with its progress; then completed, with its result', async () => {
    const app = started();
    const queue = stock();
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(call('hold'));
    await inState(queue, handle.id, 'active');
    const job = await until(async () => {
      const seen = await queue.getJob(handle.id);
      return seen?.progress ? seen : undefined;
    });
    expect(job.progress).toEqual({ done: 1, of: 2 });
    expect(job.processedOn).toBeGreaterThan(0);
    finish();
    const done = await inState(queue, handle.id, 'completed');
    expect(done.returnvalue).toEqual({ what: 'hold' });
    expect(done.finishedOn).toBeGreaterThan(0);
  });

  it('failed, with the reason and the stack, when it is dead', async () => {
    const app = started();
    const queue = stock();
    await app.work({ queues: { default: 1 } });
    const { id } = await app.enqueue(call('die'));
    const job = await inState(queue, id, 'failed');
    expect(job.failedReason).toBe(`The handler of 'work' discarded the call '${id}': unwanted`);
    expect(job.attemptsMade).toBe(1);
  });

  it('delayed between two attempts, with the last reason, and when it snoozes', async () => {
    const app = started();
    const queue = stock();
    await app.work({ queues: { default: 1 } });
    const failing = await app.enqueue(call('fail'));
    const job = await inState(queue, failing.id, 'delayed');
    expect(job).toMatchObject({ failedReason: 'broken', attemptsMade: 1 });
    const snoozing = await app.enqueue(work('snooze'));
    const other = await inState(queue, snoozing.id, 'delayed');
    expect(other.attemptsMade).toBe(0);
    await expect(snoozing.status()).resolves.toMatchObject({ state: 'snoozed' });
  });

  it('no more when it was cancelled before it ran', async () => {
    const app = started();
    const queue = stock();
    const handle = await app.enqueue(call('easy'));
    await handle.cancel();
    await expect(queue.getJob(handle.id)).resolves.toBeUndefined();
    await expect(queue.getJobCounts('waiting', 'delayed')).resolves.toEqual({
      waiting: 0,
      delayed: 0,
    });
  });
});

describe('an operator with a board', () => {
  it('who removes a waiting job leaves a call that can be enqueued and cancelled', async () => {
    const app = started();
    const queue = stock();
    const anonymous = await app.enqueue(work('easy'));
    await queue.remove(anonymous.id);
    await expect(anonymous.status()).resolves.toMatchObject({ state: 'unknown' });
    const keyed = await app.enqueue(work('easy', { idempotencyKey: 'key' }));
    await queue.remove(keyed.id);
    const again = await app.enqueue(work('easy', { idempotencyKey: 'key' }));
    expect(again).toMatchObject({ id: keyed.id, deduplicated: true });
    await app.work({ queues: { default: 1 } });
    await expect(again.result()).resolves.toEqual({ what: 'easy' });
  });

  it('who promotes a delayed job has it run now', async () => {
    const app = started();
    const queue = stock();
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(work('easy', { delay: '1h', idempotencyKey: 'key' }));
    const job = await inState(queue, handle.id, 'delayed');
    await job.promote();
    await expect(handle.result()).resolves.toEqual({ what: 'easy' });
  });

  it('who retries a dead job runs no effect that the record has settled', async () => {
    const app = started();
    const queue = stock();
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(work('die', { idempotencyKey: 'key' }));
    const job = await inState(queue, handle.id, 'failed');
    let runs = 0;
    app.events.on('job.started', () => {
      runs += 1;
    });
    await job.retry();
    await inState(queue, handle.id, 'failed');
    expect(runs).toBe(0);
    expect(await refusalOf(() => handle.result())).toMatchObject({ code: 'JOB_FAILED' });
    await expect(app.dead.list()).resolves.toMatchObject([{ id: handle.id }]);
  });
});
