import {
  commandCount,
  leftoverKeys,
  type OwnCluster,
  ownCluster,
  uniquePrefix,
  until,
  waitFor,
} from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { Cluster } from 'ioredis';
import { Bulletproof, defineJob, Snooze } from '../../src/index.js';
import { refusalOf } from '../app/refusal.js';
import { silent } from '../app/trial.js';

let cluster: OwnCluster;
let client: Cluster;
let prefix: string;
let apps: Bulletproof[] = [];

beforeAll(async () => {
  cluster = await ownCluster();
  client = new Cluster([...cluster.startNodes]);
}, 60_000);

beforeEach(() => {
  prefix = uniquePrefix('cluster');
});

afterEach(async () => {
  await Promise.all(apps.map((app) => app.close({ deadline: '1s' })));
  apps = [];
});

afterAll(async () => {
  await client.quit();
  await cluster.stop();
});

function newApp(): Bulletproof {
  const app = new Bulletproof({ redis: client, prefix, logger: silent });
  apps.push(app);
  return app;
}

/** Evaluations of scripts, on all nodes; those inside BullMQ count, too. */
async function evaluations(): Promise<number> {
  const counts = await Promise.all(cluster.nodes.map((node) => commandCount(node.client)));
  return counts.reduce((sum, { evalsha = 0 }) => sum + evalsha, 0);
}

/** Errors that the nodes answered with, by code. */
async function errorsOfNodes(): Promise<string[]> {
  const infos = await Promise.all(cluster.nodes.map((node) => node.client.info('errorstats')));
  return infos.flatMap((info) =>
    [...info.matchAll(/^errorstat_([^:]+):/gm)].map(([, code]) => code ?? ''),
  );
}

describe('on three masters', () => {
  it('a call makes its whole way: key, steps, retry, snooze, result; and a second enqueue runs nothing', async () => {
    const seen: string[] = [];
    const pay = defineJob(
      {
        name: 'pay',
        attempts: 2,
        backoff: { delay: 1 },
        idempotencyKey: (input: { order: string }) => input.order,
      },
      async (input: { order: string }, job): Promise<string> => {
        const receipt = await job.step('charge', () => {
          seen.push(`charge ${input.order}`);
          return `receipt ${input.order}`;
        });
        if (seen.push(`run ${input.order}`) === 2) throw new Error('once');
        if (seen.length === 3) throw new Snooze(1);
        return receipt;
      },
    );
    const app = newApp();
    app.register(pay);
    await app.work({ queues: { default: 5 } });
    const handle = await app.enqueue(pay({ order: '7' }));
    await expect(handle.result()).resolves.toBe('receipt 7');
    expect(seen).toEqual(['charge 7', 'run 7', 'run 7', 'run 7']);
    const again = await newApp().enqueue(pay({ order: '7' }));
    expect(again).toMatchObject({ id: handle.id, deduplicated: true });
    await expect(again.result()).resolves.toBe('receipt 7');
  });

  it('the dead, the cancelled, explicit ids and paused queues work as on one server', async () => {
    const fail = defineJob({ name: 'fail', attempts: 1 }, (input: { ok: boolean }) => {
      if (!input.ok) throw new Error('no');
      return 'fine';
    });
    const app = newApp();
    app.register(fail);
    await app.queues.pause('default');
    await app.work({ queues: { default: 5 } });
    const cancelled = await app.enqueue(fail({ ok: true }, { id: 'c1' }));
    const dead = await app.enqueue(fail({ ok: false }, { id: 'd1', idempotencyKey: 'k' }));
    const fine = await app.enqueue(fail({ ok: true }));
    expect(await newApp().call('c1').cancel('no longer wanted')).toBe(true);
    await app.queues.resume('default');
    await expect(fine.result()).resolves.toBe('fine');
    expect(await refusalOf(() => dead.result())).toMatchObject({ code: 'JOB_FAILED' });
    expect(await refusalOf(() => cancelled.result())).toMatchObject({ code: 'JOB_CANCELLED' });
    expect((await app.dead.list()).map(({ id }) => id)).toEqual(['d1']);
    expect(await app.dead.discard('d1')).toBe(true);
  });

  it('what is asked for in one tick travels together, and no node is asked across slots', async () => {
    const runs: number[] = [];
    const note = defineJob(
      { name: 'note', idempotencyKey: (n: number) => `n${n}` },
      (n: number) => {
        runs.push(n);
      },
    );
    const app = newApp();
    app.register(note);
    await app.enqueue(note(-1)); // connections, script caches
    const before = await evaluations();
    const inputs = Array.from({ length: 800 }, (_, n) => n);
    await Promise.all(inputs.map((n) => app.enqueue(note(n))));
    const spent = (await evaluations()) - before;
    // One for each BullMQ add; 800 admissions share 16 tags and go in batches of at most 100.
    expect(spent).toBeLessThan(800 + 200);
    await app.work({ queues: { default: 50 } });
    await until(() => runs.length === 801);
    expect(new Set(runs).size).toBe(801);
    expect((await errorsOfNodes()).filter((code) => code === 'CROSSSLOT')).toEqual([]);
  });

  it('the doctor brings back a queue that was obliterated', async () => {
    const runs: number[] = [];
    const note = defineJob(
      { name: 'note', idempotencyKey: (n: number) => `n${n}` },
      (n: number) => {
        runs.push(n);
      },
    );
    const app = newApp();
    app.register(note);
    const inputs = Array.from({ length: 100 }, (_, n) => n);
    await app.enqueueMany(inputs.map((n) => note(n)));
    const bull = new Queue('default', { prefix: `{${prefix}}`, connection: client });
    await bull.obliterate({ force: true });
    expect(await app.doctor()).toMatchObject({ looked: 100, redelivered: 100 });
    await bull.resume();
    await bull.close();
    await app.work({ queues: { default: 20 } });
    await until(() => runs.length >= 100);
    expect([...runs].sort((a, b) => a - b)).toEqual(inputs);
    await until(async () => (await app.queues.status()).every(({ running }) => running === 0));
    expect(await app.doctor()).toMatchObject({ looked: 0 });
    expect((await errorsOfNodes()).filter((code) => code === 'CROSSSLOT')).toEqual([]);
  });

  it('leaves nothing without an end when its calls have ended', async () => {
    const add = defineJob({ name: 'add' }, (input: { a: number }) => input.a + 1);
    const app = newApp();
    app.register(add);
    const worker = await app.work({ queues: { default: 5 } });
    const done = waitFor(app.events, 'job.completed');
    const handle = await app.enqueue(add({ a: 1 }, { id: 'x1' }));
    await done;
    await expect(handle.result()).resolves.toBe(2);
    await worker.close();
    const ours = { allow: [/^(?!.*:\{r\d\d\})/] };
    const left = await Promise.all(
      cluster.nodes.map((node) => leftoverKeys(node.client, prefix, ours)),
    );
    expect(left.flat()).toEqual([]);
  });
});
