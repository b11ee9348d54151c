import { waitFor } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { defineJob } from '../../src/index.js';
import { trial } from './trial.js';

const bench = trial();
const echo = defineJob({ name: 'echo' }, (n: number) => n);

describe('a paused queue', () => {
  it('is worked by nobody in the fleet, takes calls, and shows it; the others go on', async () => {
    const app = bench.app();
    const worker = bench.app();
    worker.register(echo);
    await app.queues.pause('default');
    await app.queues.pause('default'); // a second time changes nothing
    await worker.work({ queues: { default: 2, low: 2 } });
    const kept = await app.enqueue(echo(1));
    const named = await app.enqueue(echo(2, { id: 'echo-2' }));
    const other = await app.enqueue(echo(3, { queue: 'low' }));
    await expect(other.result()).resolves.toBe(3);
    for (const handle of [kept, named]) {
      await expect(handle.status()).resolves.toMatchObject({ state: 'waiting' });
    }
    await expect(bench.app().queues.status()).resolves.toMatchObject([
      { name: 'critical', paused: false },
      { name: 'high', paused: false },
      { name: 'default', paused: true, waiting: 2, running: 0 },
      { name: 'low', paused: false, completed: 1 },
    ]);

    await bench.app().queues.resume('default');
    await expect(kept.result()).resolves.toBe(1);
    await expect(named.result()).resolves.toBe(2);
    await app.queues.resume('default');
    await expect(app.queues.status()).resolves.toMatchObject([{}, {}, { paused: false }, {}]);
  });

  it('lets what runs go on, and starts nothing more', async () => {
    const app = bench.app();
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const hold = defineJob({ name: 'hold' }, async (n: number) => {
      await finished;
      return n;
    });
    app.register(hold);
    await app.work({ queues: { default: 1 } });
    const started = waitFor(app.events, 'job.started');
    const running = await app.enqueue(hold(1));
    await started;
    await app.queues.pause('default');
    const next = await app.enqueue(hold(2));
    finish();
    await expect(running.result()).resolves.toBe(1);
    await expect(next.status()).resolves.toMatchObject({ state: 'waiting' });
    await app.queues.resume('default');
    await expect(next.result()).resolves.toBe(2);
  });

  it('is the same pause that BullMQ and its boards know', async () => {
    const app = bench.app();
    app.register(echo);
    const stock = new Queue('default', { prefix: bench.prefix, connection: { url: bench.url } });
    bench.closing(() => stock.close());
    await app.queues.pause('default');
    await expect(stock.isPaused()).resolves.toBe(true);
    await stock.resume();
    await expect(app.queues.status()).resolves.toMatchObject([{}, {}, { paused: false }, {}]);
    await stock.pause();
    await expect(app.queues.status()).resolves.toMatchObject([{}, {}, { paused: true }, {}]);
  });

  it('lets a call in it be cancelled', async () => {
    const app = bench.app();
    app.register(echo);
    await app.queues.pause('default');
    const handle = await app.enqueue(echo(1));
    await expect(handle.cancel()).resolves.toBe(true);
    await expect(app.queues.status()).resolves.toMatchObject([{}, {}, { waiting: 0 }, {}]);
  });
});
