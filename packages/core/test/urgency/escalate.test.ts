import { keyspace, portOf, ScriptRunner } from '@bulletproof/kernel';
import { until, waitFor } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RedisRecordStore } from '../../src/idempotency/stores/redis.js';
import { type Bulletproof, defineJob, type JobContext } from '../../src/index.js';
import { JobRegistry } from '../../src/job/internal.js';
import { BullQueues } from '../../src/runtime/bullmq/queues.js';
import { connect } from '../../src/runtime/connections.js';
import { Escalator } from '../../src/runtime/escalator.js';
import { decideRise } from '../../src/urgency/index.js';
import { RedisWatchStore } from '../../src/urgency/stores/redis.js';
import { silent, trial } from '../app/trial.js';

const t = trial();
const QUEUES = ['critical', 'high', 'default', 'low'];

describe('where a waiting call goes', () => {
  const steps = [
    { after: 10, to: 'high' },
    { after: 20, to: 'critical' },
  ];
  it.each([
    ['stays before its time', 'low', 9, { to: undefined, nextAfterMs: 10 }],
    ['rises when it has come', 'low', 10, { to: 'high', nextAfterMs: 20 }],
    [
      'goes straight to where it should be by now',
      'low',
      25,
      { to: 'critical', nextAfterMs: undefined },
    ],
    ['does not sink', 'critical', 15, { to: undefined, nextAfterMs: undefined }],
    ['leaves out what is no rise', 'high', 15, { to: undefined, nextAfterMs: 20 }],
    ['knows no queue of that name', 'gone', 10, { to: 'high', nextAfterMs: 20 }],
  ])('%s', (_, queue, waitedMs, expected) => {
    expect(decideRise(steps, { queue, waitedMs }, QUEUES)).toEqual(expected);
  });
  it('is never below where it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUEUES), fc.nat(40), (queue, waitedMs) => {
        const { to } = decideRise(steps, { queue, waitedMs }, QUEUES);
        if (to !== undefined) expect(QUEUES.indexOf(to)).toBeLessThan(QUEUES.indexOf(queue));
      }),
    );
  });
});

describe('register refuses an escalation', () => {
  it.each([
    [
      'that does not rise',
      { queue: 'high', escalate: [{ after: '1h', to: 'low' }] },
      'INVALID_OPTION',
    ],
    [
      'to the same queue',
      { queue: 'high', escalate: [{ after: '1h', to: 'high' }] },
      'INVALID_OPTION',
    ],
    [
      'of the most urgent',
      { queue: 'critical', escalate: [{ after: 1, to: 'critical' }] },
      'INVALID_OPTION',
    ],
    [
      'whose second step does not rise',
      {
        queue: () => 'low',
        escalate: [
          { after: 1, to: 'high' },
          { after: 2, to: 'default' },
        ],
      },
      'INVALID_OPTION',
    ],
    [
      'whose second step is not later',
      {
        queue: 'low',
        escalate: [
          { after: 5, to: 'high' },
          { after: 5, to: 'critical' },
        ],
      },
      'INVALID_OPTION',
    ],
    ['to a queue that there is not', { escalate: [{ after: 1, to: 'urgent' }] }, 'UNKNOWN_QUEUE'],
  ])('%s', (_, options, code) => {
    const job = defineJob({ name: 'j', ...options } as { name: string }, async () => {});
    expect(() => t.app().register(job)).toThrow(expect.objectContaining({ code }));
  });
  it('that is none, where it is declared', () => {
    for (const escalate of ['high', [{ to: 'high' }], [{ after: 0, to: 'high' }], [{ after: 1 }]]) {
      expect(() => defineJob({ name: 'j', escalate } as never, async () => {})).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      );
    }
  });
});

/** A job of the queue low that rises after a moment, and what its runs were. */
function rising(options: { attempts?: number; fails?: number } = {}) {
  const runs: { queue: string; attempt: number; maxAttempts: number; n: number }[] = [];
  let fails = options.fails ?? 0;
  const job = defineJob(
    {
      name: 'rise',
      queue: 'low',
      attempts: options.attempts ?? 3,
      backoff: { delay: '1h', jitter: 0 },
      escalate: [{ after: 1, to: 'high' }],
    },
    async ({ n }: { n: number }, { queue, attempt, maxAttempts }: JobContext) => {
      runs.push({ queue, attempt, maxAttempts, n });
      fails -= 1;
      if (fails >= 0) throw new Error('not yet');
      return n;
    },
  );
  return { job, runs };
}

describe('a call', () => {
  it('that waits is moved, and runs once, there', async () => {
    const { job, runs } = rising();
    const app = t.app().register(job);
    const handle = await app.enqueue(job({ n: 1 }));
    await app.work({ queues: { high: 1 } }); // nobody works low
    expect(await handle.result()).toBe(1);
    expect(runs).toEqual([{ queue: 'high', attempt: 1, maxAttempts: 3, n: 1 }]);
    expect(await handle.status()).toMatchObject({ state: 'completed', queue: 'high' });
    expect((await app.queues.status()).find(({ name }) => name === 'low')).toMatchObject({
      waiting: 0,
      running: 0,
    });
  });

  it('that waits for its next attempt is moved with the attempts that are left, and tried at once', async () => {
    const { job, runs } = rising({ attempts: 3, fails: 3 });
    const app = t.app().register(job);
    const low = await app.work({ queues: { low: 1 } });
    const failed = waitFor(app.events, 'job.failed');
    const handle = await app.enqueue(job({ n: 1 }));
    await failed;
    await low.close();
    await app.work({ queues: { high: 1 } });
    await until(() => runs.length >= 2);
    expect(runs.slice(0, 2)).toEqual([
      { queue: 'low', attempt: 1, maxAttempts: 3, n: 1 },
      { queue: 'high', attempt: 2, maxAttempts: 3, n: 1 },
    ]);
    expect(await handle.status()).toMatchObject({ queue: 'high', attempt: 2, maxAttempts: 3 });
    expect(await handle.cancel()).toBe(true);
  });

  it('that is dead after a move gets all its attempts again when it is retried', async () => {
    const { job, runs } = rising({ attempts: 2, fails: 2 });
    const app = t.app().register(job);
    const low = await app.work({ queues: { low: 1 } });
    const failed = waitFor(app.events, 'job.failed');
    const handle = await app.enqueue(job({ n: 1 }));
    await failed;
    await low.close();
    await app.work({ queues: { high: 1 } });
    await expect(handle.result()).rejects.toMatchObject({ code: 'JOB_FAILED' });
    const again = await app.dead.retry(handle.id);
    expect(await again.result()).toBe(1);
    expect(runs.at(-1)).toMatchObject({ queue: 'high', attempt: 1, maxAttempts: 2 });
  });

  it('that is delayed waits from the time at which it may start', async () => {
    const { job } = rising();
    const app = t.app().register(job);
    await app.enqueue(job({ n: 1 }, { delay: '1h' }));
    const [key = ''] = await t.redis.keys(`${t.prefix}:*:watched`);
    const [, score] = await t.redis.zrange(key, '0', '0', 'WITHSCORES');
    expect(Number(score)).toBeGreaterThan(Date.now() + 3_500_000);
    expect(await t.redis.pttl(key)).toBeGreaterThan(3_600_000);
  });
});

/** Somebody who moves calls and dies at one of its commands, before or after it got through. */
function mortalEscalator(
  job: ReturnType<typeof rising>['job'],
  death: { at: number; isDone: boolean },
) {
  const connection = connect(t.url, 'mortal', 'patient');
  const scripts = new ScriptRunner(portOf(t.redis));
  let commands = 0;
  const mortal = <T extends object>(target: T): T =>
    new Proxy(target, {
      get:
        (_, name) =>
        async (...args: unknown[]) => {
          const at = commands;
          commands += 1;
          if (at > death.at || (at === death.at && !death.isDone)) throw new Error('died');
          const reply: unknown = await Reflect.apply(
            Reflect.get(target, name) as (...all: unknown[]) => unknown,
            target,
            args,
          );
          if (at === death.at) throw new Error('died');
          return reply;
        },
    });
  const queues = new BullQueues({
    prefix: t.prefix,
    connection,
    eventsConnection: () => connection,
    onError: () => {},
  });
  const registry = new JobRegistry({ defaults: {}, queues: QUEUES });
  registry.register(job);
  const escalator = new Escalator({
    registry,
    queueNames: QUEUES,
    watched: new RedisWatchStore(scripts, keyspace(t.prefix)),
    store: mortal(new RedisRecordStore(scripts, keyspace(t.prefix))),
    queues: mortal(queues),
    clock: { ...clockThatStands, setTimer: () => ({ cancel: () => {} }) },
    random: () => 0,
    logger: silent,
  });
  return {
    pass: () => escalator.pass(),
    commands: () => commands,
    close: async () => {
      await escalator.close();
      await queues.close();
      await connection.close();
    },
  };
}

const clockThatStands = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async () => {},
};

describe('wherever the one who moves a call dies', () => {
  async function deathAt(at: number, isDone: boolean): Promise<number> {
    const { job, runs } = rising();
    const app: Bulletproof = t.app().register(job);
    const id = `call-${at}-${isDone}`;
    const handle = await app.enqueue(job({ n: at }, { id }));
    const [key = ''] = await t.redis.keys(`${t.prefix}:*:watched`);
    const member = `call:${id}`;
    const first = mortalEscalator(job, { at, isDone });
    await until(async () => {
      await first.pass();
      return first.commands() > 0;
    });
    await first.close();
    // 30 s later for its follower, and both queues worked: what was left behind must not run.
    const left = (await t.redis.keys(`${t.prefix}:*:watched`)).length > 0;
    if (left)
      for (const each of await t.redis.keys(`${t.prefix}:*:watched`))
        await t.redis.zadd(each, 'XX', 1, member);
    expect(key).not.toBe('');
    const next = mortalEscalator(job, { at: Number.MAX_SAFE_INTEGER, isDone: true });
    await next.pass();
    await next.close();
    const worker = await app.work({ queues: { high: 2, low: 2 } });
    expect(await handle.result({ timeout: '20s' })).toBe(at);
    await worker.close();
    expect(runs).toHaveLength(1);
    return first.commands();
  }
  it('the call runs once', async () => {
    let at = 0;
    // Until there is no command left to die at.
    while ((await deathAt(at, true)) > at) {
      await deathAt(at, false);
      at += 1;
    }
    expect(at).toBeGreaterThanOrEqual(5);
  }, 60_000);
});
