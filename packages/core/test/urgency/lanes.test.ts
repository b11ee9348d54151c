import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Bulletproof, type BulletproofWorker, defineJob } from '../../src/index.js';
import { trial } from '../app/trial.js';
import { deferred } from '../runtime/world.js';

const t = trial();

/** Runs that stand still until they are let go, and how many stand in which queue. */
function standing() {
  const held = new Map<string, (() => void)[]>();
  let most = 0;
  const count = (queue?: string): number =>
    queue === undefined
      ? [...held.values()].reduce((sum, each) => sum + each.length, 0)
      : (held.get(queue)?.length ?? 0);
  const job = defineJob(
    { name: 'stand', queue: ({ queue }: { queue: string }) => queue },
    async ({ queue }) => {
      const { promise, resolve } = deferred();
      const list = held.get(queue) ?? [];
      list.push(resolve);
      held.set(queue, list);
      most = Math.max(most, count());
      await promise;
    },
  );
  return {
    job,
    count,
    most: () => most,
    /** Ends some runs of a queue, oldest first. */
    end(queue: string, runs: number): void {
      for (const resolve of held.get(queue)?.splice(0, runs) ?? []) resolve();
    },
    endAll(): void {
      for (const queue of held.keys()) this.end(queue, Number.MAX_SAFE_INTEGER);
    },
  };
}

type Standing = ReturnType<typeof standing>;

async function flood(app: Bulletproof, { job }: Standing, queue: string, calls: number) {
  await app.enqueueMany(Array.from({ length: calls }, () => job({ queue })));
}

const counts = (stand: Standing) => ({
  critical: stand.count('critical'),
  low: stand.count('low'),
});

const SHARES = {
  concurrency: 12,
  queues: { critical: { reserve: 3, weight: 8 }, low: { reserve: 1, weight: 1 } },
};

async function setUp(options: Parameters<Bulletproof['work']>[0] = SHARES) {
  const stand = standing();
  const app = t.app().register(stand.job);
  const worker = await app.work(options);
  t.closing(async () => {
    const closed = worker.close();
    let isClosed = false;
    closed.then(
      () => {
        isClosed = true;
      },
      () => {},
    );
    await until(() => {
      stand.endAll();
      return isClosed;
    });
  });
  return { stand, app, worker };
}

const lanesOf = async (worker: BulletproofWorker) =>
  Object.fromEntries((await worker.status()).queues.map(({ queue, ...rest }) => [queue, rest]));

describe('slots that queues share', () => {
  it('all go to the queue that has work, but for the reserves of the others', async () => {
    const { stand, app, worker } = await setUp();
    await flood(app, stand, 'low', 40);
    await until(() => stand.count('low') === 9);
    expect(await lanesOf(worker)).toMatchObject({
      critical: { slots: 3, busy: 0, lent: 0 },
      low: { slots: 9, busy: 9, lent: 8 },
    });
  });

  it('come back as soon as their runs end; the reserve is there at once', async () => {
    const { stand, app } = await setUp();
    await flood(app, stand, 'low', 40);
    await until(() => stand.count('low') === 9);
    await flood(app, stand, 'critical', 40);
    await until(() => stand.count('critical') === 3);
    for (let ended = 1; ended <= 7; ended += 1) {
      stand.end('low', 1);
      await until(() => stand.count('critical') === 3 + ended);
    }
    expect(counts(stand)).toEqual({ critical: 10, low: 2 });
    // By weight, 8 to 1 of 8: seven and one. A run of low that ends is followed by one of low.
    stand.end('low', 2);
    await until(() => stand.count('low') === 2);
    expect(stand.most()).toBe(12);
  });

  it('never starve a queue: its reserve goes on under any load above it', async () => {
    const { stand, app } = await setUp();
    await flood(app, stand, 'critical', 60);
    await until(() => stand.count('critical') >= 10);
    await flood(app, stand, 'low', 5);
    for (let done = 0; done < 5; done += 1) {
      await until(() => stand.count('low') >= 1);
      stand.end('low', 1);
    }
    expect(stand.most()).toBeLessThanOrEqual(12);
  });

  it('are taken up by work that comes while every run stands still', async () => {
    const { stand, app } = await setUp();
    await flood(app, stand, 'low', 1);
    await until(() => stand.count('low') === 1);
    // One by one: each finds a queue that was empty a moment ago.
    for (let runs = 2; runs <= 9; runs += 1) {
      await flood(app, stand, 'low', 1);
      await until(() => stand.count('low') === runs);
    }
    await flood(app, stand, 'critical', 3);
    await until(() => stand.count('critical') === 3);
  });

  it('are never more than there are, however runs end and come', async () => {
    const { stand, app } = await setUp({
      concurrency: 9,
      queues: { critical: { weight: 5 }, high: { reserve: 2 }, default: {}, low: {} },
    });
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed % below;
    };
    const queues = ['critical', 'high', 'default', 'low'];
    for (let round = 0; round < 60; round += 1) {
      const queue = queues[random(4)] ?? 'low';
      await flood(app, stand, queue, random(6));
      stand.end(queues[random(4)] ?? 'low', random(4));
    }
    await until(() => {
      stand.endAll();
      return app.queues
        .status()
        .then((all) => all.every(({ waiting, running }) => waiting + running === 0));
    });
    expect(stand.most()).toBeLessThanOrEqual(9);
  }, 30_000);

  it('leave none idle while a queue has work, but for one in which an empty queue waits', async () => {
    const { stand, app } = await setUp();
    await flood(app, stand, 'low', 9);
    await flood(app, stand, 'critical', 9);
    await until(() => stand.count() >= 11);
    await until(() => {
      stand.end('critical', 9);
      return stand.count('critical') === 0;
    });
    await flood(app, stand, 'low', 20);
    await until(() => {
      stand.end('critical', 9);
      return stand.count('low') === 9;
    });
  });
});

describe('worker.status', () => {
  it('shows slots of their own, and how long the oldest call waits', async () => {
    const { stand, app, worker } = await setUp({ queues: { critical: 2, low: 1 } });
    await flood(app, stand, 'low', 3);
    await until(() => stand.count('low') === 1);
    const status = await worker.status();
    expect(status).toMatchObject({ slots: 3, busy: 1 });
    expect(status.queues).toEqual([
      { queue: 'critical', slots: 2, busy: 0, lent: 0 },
      { queue: 'low', slots: 1, busy: 1, lent: 0, oldestWaitingMs: expect.any(Number) },
    ]);
  });
});
