// What the app puts around runs: middlewares, subscribers, the logger. None of the last two can break a job.
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { defineJob, type JobContext, Snooze } from '../../src/index.js';
import { EVENT_NAMES, recordEvents, world } from './world.js';

const stage = world();

describe('middlewares', () => {
  it('are around every run, the first registered outermost, with its context', async () => {
    const app = stage.app();
    const seen: string[] = [];
    for (const name of ['first', 'second']) {
      app.use(async (job, next) => {
        seen.push(`${name} > ${job.name} ${job.attempt}`);
        try {
          return `${name}(${String(await next())})`;
        } finally {
          seen.push(`< ${name}`);
        }
      });
    }
    const job = defineJob(
      { name: 'charge', attempts: 2, backoff: { type: 'fixed', delay: 0 } },
      (_input: undefined, { attempt }: JobContext) => {
        seen.push(`handler ${attempt}`);
        if (attempt === 1) throw new Error('declined');
        return 'charged';
      },
    );
    app.register(job);
    await app.work();
    const handle = await app.enqueue(job());
    await expect(handle.result()).resolves.toBe('first(second(charged))');
    const around = (attempt: number) => [
      `first > charge ${attempt}`,
      `second > charge ${attempt}`,
      `handler ${attempt}`,
      '< second',
      '< first',
    ];
    expect(seen).toEqual([...around(1), ...around(2)]);
  });

  it('may fail an attempt, put it off, answer in its place, and use its steps', async () => {
    const app = stage.app();
    const said: string[] = [];
    app.use(async (job, next) => {
      said.push(`${job.attempt}`);
      if (said.length === 1) throw new Snooze(0, 'not yet');
      if (said.length === 2) throw new Error('not today');
      await job.step('audit', () => said.push('audited'));
      return job.attempt === 3 ? 'from the cache' : next();
    });
    const job = defineJob(
      { name: 'charge', attempts: 3, backoff: { type: 'fixed', delay: 0 } },
      () => {
        throw new Error('declined');
      },
    );
    app.register(job);
    await app.work();
    const handle = await app.enqueue(job());
    await expect(handle.result()).resolves.toBe('from the cache');
    expect(said).toEqual(['1', '1', '2', 'audited', '3']);
  });
});

const breakers: readonly (readonly [string, () => unknown])[] = [
  [
    'throws',
    () => {
      throw new Error('a subscriber');
    },
  ],
  ['rejects', () => Promise.reject(new Error('a subscriber'))],
];

/** One call of each end. */
async function everyEnd(app: ReturnType<typeof stage.app>) {
  const runs = new Map<string, number>();
  const job = defineJob(
    {
      name: 'ends',
      attempts: 2,
      backoff: { type: 'fixed', delay: 0 },
      idempotencyKey: (end: string) => end,
    },
    (end: string, { attempt }: JobContext) => {
      const run = (runs.get(end) ?? 0) + 1;
      runs.set(end, run);
      if (end === 'snoozed' && run === 1) throw new Snooze(0);
      if (end === 'dead' || (end === 'failed' && attempt === 1)) throw new Error(end);
      return `${end} ${attempt}`;
    },
  );
  app.register(job);
  const cancelled = await app.enqueue(job('cancelled'));
  await cancelled.cancel('enough');
  const handles = [];
  for (const end of ['completed', 'snoozed', 'failed', 'dead', 'completed']) {
    handles.push(await app.enqueue(job(end)));
  }
  await app.work();
  const ends = await Promise.allSettled(handles.map((handle) => handle.result()));
  return ends.map((end) => (end.status === 'fulfilled' ? end.value : 'dead'));
}

const ENDS = ['completed 1', 'snoozed 1', 'failed 2', 'dead', 'completed 1'];

describe('stock: "an error in a listener of a worker is thrown at the process"; here a subscriber', () => {
  it.each(breakers)(
    'that %s at every event changes nothing, and is logged',
    async (_, listener) => {
      const lines: { msg: string; event: string }[] = [];
      const logger = pino({ level: 'error' }, { write: (line) => lines.push(JSON.parse(line)) });
      const app = stage.app({ logger });
      for (const name of EVENT_NAMES) app.events.on(name, listener);
      const events = recordEvents(app);
      expect(await everyEnd(app)).toEqual(ENDS);
      const said = new Set(events.map(({ name }) => name));
      expect([...said].sort()).toEqual(
        EVENT_NAMES.filter((name) => name !== 'job.stalled').toSorted(),
      );
      const logged = lines.filter(({ msg }) => msg === 'a listener of an event threw');
      expect(logged.map(({ event }) => event).toSorted()).toEqual(
        events.map(({ name }) => name).toSorted(),
      );
    },
  );
});

describe('a logger', () => {
  it('that throws at every line changes nothing', async () => {
    const write = () => {
      throw new Error('the disk is full');
    };
    const app = stage.app({ logger: pino({ level: 'trace' }, { write }), maxCrashes: 3 });
    expect(await everyEnd(app)).toEqual(ENDS);
  });

  it('that throws keeps no call of an unknown job from being parked, nor a worker from closing', async () => {
    const write = () => {
      throw new Error('the disk is full');
    };
    const app = stage.app({ logger: pino({ level: 'trace' }, { write }) });
    const worker = await app.work();
    const handle = await stage.app().enqueue(defineJob({ name: 'unknown-here', attempts: 1 })());
    let runs = 0;
    const done = new Promise<void>((resolve) => {
      app.register(
        defineJob({ name: 'known' }, () => {
          runs += 1;
          resolve();
          return new Promise<never>(() => {});
        }),
      );
    });
    const hanging = await app.enqueue({ job: 'known', input: undefined });
    await done;
    await worker.close({ deadline: 0 });
    expect(await handle.status()).toMatchObject({ state: 'delayed', attempt: 0 });
    expect(await hanging.status()).toMatchObject({ state: 'waiting', attempt: 0 });
    expect(runs).toBe(1);
  });
});
