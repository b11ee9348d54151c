import { describe, expect, it } from '@jest/globals';
import { type Call, Discard, defineJob, type JobContext } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();

const isText = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) =>
      typeof value === 'string' ? { value } : { issues: [{ message: 'expected text' }] },
  },
};

const slow = defineJob(
  { name: 'slow', attempts: 1, timeout: '30ms' },
  (_: unknown, job) =>
    new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve())),
);
const late = defineJob({ name: 'late', attempts: 5 }, () => 'too late');
const unwanted = defineJob({ name: 'unwanted', attempts: 5 }, () => {
  throw new Discard('nobody wants it');
});
const twice = defineJob({ name: 'twice', attempts: 1 }, async (_: unknown, job: JobContext) => {
  await job.step('one', () => 1);
  await job.step('one', () => 2);
});
const wrongOutput = defineJob(
  { name: 'wrongOutput', attempts: 5, output: isText },
  () => 5 as never,
);
const over = defineJob({ name: 'over', attempts: 5 }, () => {
  throw Object.assign(new Error('no use'), { name: 'UnrecoverableError' });
});
const thrower = defineJob({ name: 'thrower', attempts: 1 }, (what: string) => {
  if (what === 'text') throw 'just text';
  if (what === 'nothing') throw undefined;
  throw Object.assign(new RangeError('outer'), { cause: new TypeError('inner'), limit: 5 });
});

/** What it is, the call, its cause, and how many attempts it took. */
const endings: readonly (readonly [string, () => Call, object, number])[] = [
  ['its timeout', () => slow(1), { code: 'JOB_TIMEOUT', job: 'slow', timeoutMs: 30 }, 1],
  ['the timeout of the call', () => slow(1, { timeout: 20 }), { timeoutMs: 20 }, 1],
  ['Discard', () => unwanted(undefined), { code: 'DISCARDED', reason: 'nobody wants it' }, 1],
  ['two steps of one name', () => twice(1), { code: 'STEP_CONFLICT', step: 'one' }, 1],
  ['its output schema', () => wrongOutput(undefined), { code: 'INVALID_OUTPUT' }, 1],
  ['UnrecoverableError', () => over(undefined), { name: 'UnrecoverableError' }, 1],
  ['text', () => thrower('text'), { message: 'just text' }, 1],
  ['undefined', () => thrower('nothing'), { message: expect.any(String) }, 1],
  [
    'an error with a cause and fields',
    () => thrower('error'),
    { name: 'RangeError', message: 'outer', limit: 5, cause: { name: 'TypeError' } },
    1,
  ],
];

describe.each(endings)('a call ended by %s', (_what, call, cause, attempts) => {
  it('is dead, and tells its cause to every handle, the status and the dead set', async () => {
    const app = bench.app();
    app.register(slow, late, unwanted, twice, wrongOutput, over, thrower);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(call());
    for (const one of [handle, bench.app().call(handle.id)]) {
      expect(await refusalOf(() => one.result())).toMatchObject({
        code: 'JOB_FAILED',
        job: call().job,
        id: handle.id,
        cause,
      });
    }
    await expect(handle.status()).resolves.toMatchObject({ state: 'dead', attempt: attempts });
    await expect(app.dead.list()).resolves.toMatchObject([
      { id: handle.id, error: cause, attempts },
    ]);
    await expect(handle.cancel()).resolves.toBe(false);
  });
});

describe('a call that was not started in time', () => {
  it('is dead without having run, also when it was delayed', async () => {
    let runs = 0;
    const app = bench.app();
    app.use((_job, next) => {
      runs += 1;
      return next();
    });
    app.register(late);
    const handles = await Promise.all([
      app.enqueue(late(undefined, { expiresAfter: 1 })),
      app.enqueue(late(undefined, { expiresAfter: 1, id: 'late-1' })),
      app.enqueue(late(undefined, { expiresAfter: 1, delay: 20, idempotencyKey: 'k' })),
    ]);
    await app.work({ queues: { default: 1 } });
    for (const handle of handles) {
      expect(await refusalOf(() => handle.result())).toMatchObject({
        code: 'JOB_FAILED',
        cause: { code: 'JOB_EXPIRED', job: 'late', expiresAfterMs: 1 },
      });
    }
    expect(runs).toBe(0);
    const [first] = handles;
    const retried = await app.dead.retry(first?.id ?? '');
    await expect(retried.result()).resolves.toBe('too late'); // whoever retries it wants it run
  });
});

describe('a middleware that calls next twice', () => {
  it('fails the attempt, and the handler ran once', async () => {
    let runs = 0;
    const once = defineJob({ name: 'once', attempts: 1 }, () => {
      runs += 1;
    });
    const app = bench.app();
    app.use(async (_job, next) => {
      await next();
      await next();
    });
    app.register(once);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(once(undefined));
    expect(await refusalOf(() => handle.result())).toMatchObject({
      cause: { code: 'NEXT_CALLED_TWICE', job: 'once' },
    });
    expect(runs).toBe(1);
  });
});

describe('result', () => {
  it('with a timeout gives up in time, and the call goes on', async () => {
    const ok = defineJob({ name: 'ok' }, () => 'ok');
    const app = bench.app();
    app.register(ok);
    const handle = await app.enqueue(ok(undefined));
    for (const timeout of [0, 1, '30ms'] as const) {
      expect(await refusalOf(() => handle.result({ timeout }))).toMatchObject({
        code: 'RESULT_TIMEOUT',
        id: handle.id,
      });
    }
    const waiting = [
      handle.result(),
      handle.result({ timeout: '10s' }),
      app.call(handle.id).result(),
    ];
    await app.work({ queues: { default: 1 } });
    await expect(Promise.all(waiting)).resolves.toEqual(['ok', 'ok', 'ok']);
    await expect(handle.result({ timeout: 0 })).resolves.toBe('ok');
  });

  it('with a signal that is aborted already does not look', async () => {
    const reason = new Error('no more');
    const waiting = bench
      .app()
      .call('x1')
      .result({ signal: AbortSignal.abort(reason) });
    await expect(waiting).rejects.toBe(reason);
  });
});
