// M5: a worker is closed while its handlers run, or do not end at all. Stock BullMQ waits for ever, and tells nobody.
import { startChild } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { defineJob, type JobContext } from '../../src/index.js';
import { deferred, recordEvents, world } from './world.js';

const stage = world();
const key = ({ order }: { order: string }) => order;

/** Input of the worker process's jobs. */
interface Act {
  readonly key: string;
  readonly scene: string;
}

/** The same job in two apps: in the first its handler never ends, in the second it answers. */
function hangingJob(options: { attempts?: number; keyed?: boolean } = {}) {
  const started = deferred<JobContext>();
  const name = 'charge';
  const declared = {
    name,
    attempts: options.attempts ?? 1,
    ...(options.keyed === false ? {} : { idempotencyKey: key }),
  };
  const runs: { attempt: number; token: number }[] = [];
  const hanging = defineJob(declared, (_input: { order: string }, job: JobContext) => {
    started.resolve(job);
    return new Promise<never>(() => {});
  });
  const answering = defineJob(declared, (_input: { order: string }, job: JobContext) => {
    runs.push({ attempt: job.attempt, token: job.fencingToken });
    return 'charged';
  });
  return { hanging, answering, started: started.promise, runs };
}

describe('stock M5: "close waits for ever, and aborts no signal"; here a handler that never ends', () => {
  it.each([
    ['keyed', true],
    ['anonymous', false],
  ])('hands the call (%s) back at the deadline: no attempt, no stall', async (_kind, keyed) => {
    const { hanging, answering, started, runs } = hangingJob({ keyed });
    const first = stage.app();
    first.register(hanging);
    const worker = await first.work();
    const handle = await first.enqueue(hanging({ order: '1' }));
    const job = await started;
    const events = recordEvents(first);
    const firstToken = job.fencingToken;

    await worker.close({ deadline: 50 });

    expect(job.signal.aborted).toBe(true);
    expect(job.signal.reason).toMatchObject({ code: 'SHUTDOWN', job: 'charge', id: handle.id });
    expect(events).toEqual([]);
    const handedBack = await stage.bullJob(handle.id);
    expect(await handedBack.getState()).toBe('waiting');
    expect(await handle.status()).toMatchObject({ state: 'waiting', attempt: 0, maxAttempts: 1 });

    const second = stage.app();
    second.register(answering);
    await second.work();
    await expect(handle.result()).resolves.toBe('charged');
    expect(runs).toEqual([{ attempt: 1, token: expect.any(Number) }]);
    expect(runs[0]?.token).toBeGreaterThan(firstToken);
    const done = await stage.bullJob(handle.id);
    expect({ stalls: done.stalledCounter, attempts: done.attemptsMade }).toEqual({
      stalls: 0,
      attempts: 1,
    });
  });

  it('refuses what the handler that was left behind still writes', async () => {
    const { hanging, answering, started } = hangingJob();
    const first = stage.app();
    first.register(hanging);
    const worker = await first.work();
    const handle = await first.enqueue(hanging({ order: '1' }));
    const job = await started;
    await worker.close({ deadline: 0 });

    const acted: string[] = [];
    await expect(job.step('late', () => acted.push('step'))).rejects.toMatchObject({
      code: 'SHUTDOWN',
    });
    await expect(job.progress(1)).rejects.toMatchObject({ code: 'SHUTDOWN' });
    await expect(job.heartbeat()).rejects.toMatchObject({ code: 'SHUTDOWN' });
    expect(acted).toEqual([]);

    const second = stage.app();
    second.register(answering);
    await second.work();
    await handle.result();
  });

  it('lets another worker that is waiting already go on at once', async () => {
    const { hanging, answering, started } = hangingJob();
    const [first, second] = [stage.app(), stage.app()];
    first.register(hanging);
    const worker = await first.work();
    const handle = await first.enqueue(hanging({ order: '1' }));
    await started;
    second.register(answering);
    await second.work();
    await worker.close({ deadline: 0 });
    await expect(handle.result()).resolves.toBe('charged');
    expect((await stage.bullJob(handle.id)).attemptsStarted).toBe(2);
  });
});

describe('closing a worker whose handlers end', () => {
  it('waits for them before the deadline, and starts nothing new', async () => {
    const [started, go] = [deferred(), deferred()];
    const app = stage.app();
    const slow = defineJob(
      { name: 'slow', idempotencyKey: key },
      async (input: { order: string }, job) => {
        started.resolve();
        await go.promise;
        return `${input.order} ${job.signal.aborted}`;
      },
    );
    app.register(slow);
    const worker = await app.work({ queues: { default: 1 } });
    const running = await app.enqueue(slow({ order: '1' }));
    const waiting = await app.enqueue(slow({ order: '2' }));
    await started.promise;
    const closed = worker.close({ deadline: '20s' });
    go.resolve();
    await closed;
    await expect(running.result()).resolves.toBe('1 false');
    expect(await waiting.status()).toMatchObject({ state: 'waiting', attempt: 0 });
    await waiting.cancel();
  });

  it('takes the result of one that ends in order when it hears the signal', async () => {
    const started = deferred();
    const app = stage.app();
    const polite = defineJob(
      { name: 'polite', attempts: 1 },
      async (_input: undefined, job: JobContext) => {
        started.resolve();
        await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
        return job.step('last', () => 'ended in order');
      },
    );
    app.register(polite);
    const worker = await app.work();
    const handle = await app.enqueue(polite());
    await started.promise;
    await worker.close({ deadline: 0 });
    await expect(handle.result()).resolves.toBe('ended in order');
  });

  it('hands back the call of one that throws when it hears the signal, with its steps', async () => {
    const started = deferred();
    const app = stage.app();
    const [charged, seen]: [number[], number[]] = [[], []];
    const impolite = defineJob(
      { name: 'impolite', attempts: 1 },
      async (_input: undefined, job: JobContext) => {
        await job.step('charge', () => charged.push(job.attempt));
        if (seen.push(job.fencingToken) > 1) return `attempt ${job.attempt}`;
        started.resolve();
        return new Promise<string>((_, reject) =>
          job.signal.addEventListener('abort', () => reject(job.signal.reason)),
        );
      },
    );
    app.register(impolite);
    const worker = await app.work();
    const handle = await app.enqueue(impolite());
    await started.promise;
    const events = recordEvents(app);
    await worker.close({ deadline: 0 });
    expect(events).toEqual([]);
    await app.work();
    await expect(handle.result()).resolves.toBe('attempt 1');
    expect(charged).toEqual([1]);
    expect(seen[1]).toBeGreaterThan(seen[0] ?? Infinity);
    expect((await stage.bullJob(handle.id)).stalledCounter).toBe(0);
  });
});

describe('closing a worker process', () => {
  it('gives all its calls to the next one, though their handlers do not end', async () => {
    const producer = stage.app();
    const act = defineJob({ name: 'act', idempotencyKey: ({ key: name }: Act) => name });
    const anonymous = defineJob<Act>({ name: 'act-anonymous' });
    const old = stage.workerProcess({ slots: 6 });
    await old.message('ready');
    const calls = [1, 2, 3].flatMap((at) => [
      act({ key: `keyed-${at}`, scene: 'hang' }),
      anonymous({ key: `anonymous-${at}`, scene: 'step-then-hang' }),
    ]);
    const handles = await Promise.all(calls.map((call) => producer.enqueue(call)));
    for (const _ of handles) await old.message('started');
    for (const _ of [1, 2, 3]) await old.message('charged');

    old.tell('close', { deadline: 0 });
    await old.message('closed');
    const attempts: number[] = [];
    const ending = async (_input: Act, job: JobContext) => {
      attempts.push(job.attempt);
      return job.step('charge', () => 'by the next one');
    };
    producer.register(
      defineJob({ name: 'act', idempotencyKey: ({ key: name }: Act) => name }, ending),
      defineJob({ name: 'act-anonymous' }, ending),
    );
    await producer.work();
    const results = await Promise.all(handles.map((handle) => handle.result()));
    const byOld = `done by ${old.pid}`;
    expect(results).toEqual(handles.map((_, at) => (at % 2 === 0 ? 'by the next one' : byOld)));
    expect(attempts).toEqual([1, 1, 1, 1, 1, 1]);
    for (const { id } of handles) {
      expect(await stage.bullJob(id)).toMatchObject({ attemptsMade: 1, stalledCounter: 0 });
    }
  }, 30_000);
});

describe('closing', () => {
  it('is done once, however often it is asked for', async () => {
    const app = stage.app();
    const worker = await app.work();
    const closes = [worker.close(), worker.close({ deadline: 0 }), app.close(), app.close()];
    await Promise.all(closes);
    await worker.close();
    await expect(app.work()).rejects.toMatchObject({ code: 'APP_CLOSED' });
  });

  it('refuses a deadline that is none, and goes on working', async () => {
    const app = stage.app();
    const worker = await app.work();
    await expect(worker.close({ deadline: 'soon' as '1s' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    app.register(defineJob({ name: 'ping' }, () => 'pong'));
    const handle = await app.enqueue({ job: 'ping', input: undefined });
    // Its result comes from the queue: unlike the event, it says that BullMQ has been told.
    expect(await handle.result()).toBe('pong');
  });

  it('leaves nothing behind that would keep the process alive', async () => {
    const child = startChild(new URL('../fixtures/short-lived.ts', import.meta.url), {
      env: { APP: JSON.stringify({ redis: stage.url, prefix: stage.prefix }) },
    });
    expect(await child.message('closed')).toMatchObject({ sum: 5, state: 'completed' });
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});
