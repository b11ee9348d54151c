// Worker processes that die without a word (SIGKILL, process.exit) while they hold calls.
import { until, waitFor } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Bulletproof, type CallHandle, defineJob, type JobContext } from '../../src/index.js';
import { recordEvents, world } from './world.js';

const stage = world();

interface Act {
  readonly key: string;
  readonly scene: string;
}

const act = defineJob({ name: 'act', idempotencyKey: ({ key }: Act) => key });
const anonymous = defineJob<Act>({ name: 'act-anonymous' });
const once = defineJob({ name: 'act-once', idempotencyKey: ({ key }: Act) => key, attempts: 1 });

/** The next worker: in this process, with handlers that end. */
function nextWorker(app: Bulletproof) {
  const runs: { key: string; attempt: number; token: number }[] = [];
  const handler = async ({ key }: Act, job: JobContext) => {
    runs.push({ key, attempt: job.attempt, token: job.fencingToken });
    return job.step('charge', async () => {
      await stage.redis.rpush(`${stage.prefix}:effects`, `${key}:charge:next`);
      return 'done by the next';
    });
  };
  const key = ({ key: name }: Act) => name;
  app.register(
    defineJob({ name: 'act', idempotencyKey: key }, handler),
    defineJob({ name: 'act-once', idempotencyKey: key, attempts: 1 }, handler),
    defineJob({ name: 'act-anonymous' }, handler),
  );
  return runs;
}

const results = (handles: readonly CallHandle[]) =>
  Promise.all(handles.map((handle) => handle.result()));

describe('a worker that was killed', () => {
  it('stock: "32 to 71 s until its jobs go on"; here with defaults, without losing or repeating anything', async () => {
    const producer = stage.app();
    const killed = stage.workerProcess({ slots: 4 });
    await killed.message('ready');
    const handles = [
      await producer.enqueue(act({ key: 'keyed', scene: 'step-then-hang' })),
      await producer.enqueue(anonymous({ key: 'anonymous', scene: 'step-then-hang' })),
      await producer.enqueue(once({ key: 'once', scene: 'step-then-hang' })),
      await producer.enqueue(act({ key: 'before', scene: 'hang' })),
    ];
    for (const _ of handles) await killed.message('started');
    for (const _ of [1, 2, 3]) await killed.message('charged');
    const waiting = await producer.enqueue(act({ key: 'behind', scene: 'finish' }));
    const runs = nextWorker(producer);
    await producer.work();
    await waiting.result();

    await killed.kill();
    const killedAt = performance.now();
    const byKilled = `done by ${killed.pid}`;
    expect(await results(handles)).toEqual([byKilled, byKilled, byKilled, 'done by the next']);
    const seconds = ((performance.now() - killedAt) / 1000).toFixed(1);
    process.stdout.write(`calls of a killed worker went on within ${seconds} s\n`);

    expect(new Map(runs.map(({ key, attempt }) => [key, attempt]))).toEqual(
      new Map([
        ['anonymous', 1],
        ['before', 1],
        ['behind', 1],
        ['keyed', 1],
        ['once', 1],
      ]),
    );
    expect(runs).toHaveLength(5);
    // Each effect once, and the step of a killed run by the killed run.
    expect((await stage.effects()).sort()).toEqual([
      `anonymous:charge:${killed.pid}`,
      'before:charge:next',
      'behind:charge:next',
      `keyed:charge:${killed.pid}`,
      `once:charge:${killed.pid}`,
    ]);
    for (const { id } of handles) {
      expect(await stage.bullJob(id)).toMatchObject({ attemptsMade: 1, stalledCounter: 1 });
    }
    expect(await producer.dead.list()).toEqual([]);
  }, 60_000);

  it('leaves a token behind that the next run exceeds, and a key that nobody else gets meanwhile', async () => {
    const producer = stage.app({ lease: '1s' });
    const killed = stage.workerProcess({ lease: '1s' });
    await killed.message('ready');
    const handle = await producer.enqueue(act({ key: '1', scene: 'hang' }));
    const { token } = await killed.message('started');
    await killed.kill();
    const again = await producer.enqueue(act({ key: '1', scene: 'hang' }));
    expect(again).toMatchObject({ id: handle.id, deduplicated: true });
    await expect(producer.enqueue(act({ key: '1', scene: 'finish' }))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      heldBy: handle.id,
    });

    const stalled = waitFor(producer.events, 'job.stalled');
    const runs = nextWorker(producer);
    await producer.work();
    await expect(again.result()).resolves.toBe('done by the next');
    await expect(stalled).resolves.toMatchObject({ id: handle.id, queue: 'default' });
    expect(runs).toMatchObject([{ attempt: 1 }]);
    expect(runs[0]?.token).toBeGreaterThan(Number(token));
  }, 30_000);
});

/** Runs the call in fresh worker processes that die under it, until no new one starts it. */
async function killUnder(handle: CallHandle, maxCrashes: number, moment = 'started') {
  for (let starts = 0; ; starts += 1) {
    const child = stage.workerProcess({ lease: '500ms', maxCrashes });
    const outcome = await Promise.race([
      child.message(moment).then(() => 'at work' as const),
      child.message('event', ({ name }) => name === 'job.dead').then(() => 'dead' as const),
    ]);
    if (outcome === 'dead') {
      child.tell('close', { deadline: 0 });
      await child.message('closed');
      return starts;
    }
    await child.kill();
    if (starts > maxCrashes) throw new Error(`${handle.id} was started ${starts} times`);
  }
}

describe('a call under which workers die', () => {
  it.each([
    ['keyed', act],
    ['anonymous', anonymous],
  ] as const)(
    '(%s) is stopped after maxCrashes, whatever attempts it has left',
    async (_, job) => {
      const producer = stage.app();
      const handle = await producer.enqueue(job({ key: 'poison', scene: 'hang' }));
      expect(await killUnder(handle, 3)).toBe(3);

      await expect(handle.result()).rejects.toMatchObject({
        code: 'JOB_FAILED',
        cause: { code: 'POISON_JOB', crashes: 3, id: handle.id },
      });
      expect(await producer.dead.list()).toMatchObject([
        { id: handle.id, attempts: 1, maxAttempts: 5 },
      ]);
      expect(await handle.status()).toMatchObject({ state: 'dead', error: { code: 'POISON_JOB' } });
    },
    60_000,
  );

  it('goes on when it was retried by hand, with its crashes forgotten and its steps kept', async () => {
    const producer = stage.app();
    const first = await producer.enqueue(act({ key: 'poison', scene: 'step-then-hang' }));
    expect(await killUnder(first, 1, 'charged')).toBe(1);
    expect(await producer.dead.list()).toMatchObject([{ error: { code: 'POISON_JOB' } }]);
    const [effect] = await stage.effects();

    await producer.dead.retry(first.id);
    const runs = nextWorker(producer);
    await producer.work();
    await expect(first.result()).resolves.toBe(`done by ${effect?.split(':').at(-1)}`);
    expect(await stage.effects()).toEqual([effect]);
    expect(runs).toMatchObject([{ attempt: 1 }]);
  }, 30_000);

  it('takes none of its neighbours with it', async () => {
    const producer = stage.app();
    const neighbours = ['a', 'b'].map((key) => act({ key, scene: 'step-then-hang' }));
    const child = stage.workerProcess({ lease: '500ms', maxCrashes: 3 });
    await child.message('ready');
    const handles = await Promise.all(neighbours.map((call) => producer.enqueue(call)));
    for (const _ of handles) await child.message('charged');
    await producer.enqueue(once({ key: 'poison', scene: 'exit' }));
    expect(await child.exited).toMatchObject({ code: 3 });

    const app = stage.app({ lease: '500ms', maxCrashes: 3 });
    const events = recordEvents(app);
    nextWorker(app);
    await app.work();
    expect(await results(handles)).toEqual([`done by ${child.pid}`, `done by ${child.pid}`]);
    await until(() => events.filter(({ name }) => name === 'job.completed').length === 3);
    expect(events.map(({ name }) => name)).not.toContain('job.failed');
  }, 30_000);
});

describe('what is no crash', () => {
  it('a hand-back, a snooze and a failed attempt do not count towards maxCrashes', async () => {
    const app = stage.app({ maxCrashes: 1 });
    const bumpy = defineJob(
      { name: 'bumpy', attempts: 2, backoff: { type: 'fixed', delay: 0 } },
      async (_input: undefined, job: JobContext) => {
        starts += 1;
        if (starts === 1) throw Object.assign(new Error('later'), { retryAfterMs: 0 });
        if (starts === 2) throw new Error('failed');
        if (starts > 3) return 'arrived';
        reached();
        return new Promise<string>((_, reject) =>
          job.signal.addEventListener('abort', () => reject(job.signal.reason)),
        );
      },
    );
    let starts = 0;
    let reached: () => void = () => {};
    const hanging = new Promise<void>((resolve) => {
      reached = resolve;
    });
    app.register(bumpy);
    const worker = await app.work();
    const handle = await app.enqueue(bumpy());
    await hanging;
    await worker.close({ deadline: 0 });
    await app.work();
    await expect(handle.result()).resolves.toBe('arrived');
    expect(await stage.bullJob(handle.id)).toMatchObject({ attemptsStarted: 4, attemptsMade: 2 });
  });
});
