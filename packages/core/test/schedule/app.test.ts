import { until, waitFor } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { defineJob, type JobCompletedEvent, type JobContext } from '../../src/index.js';
import { trial } from '../app/trial.js';

const t = trial();

describe('app.schedule', () => {
  it('runs once a tick, with the tick for its key', async () => {
    const keys: string[] = [];
    const beat = defineJob({ name: 'beat' }, async (_: { n: number }, job: JobContext) => {
      keys.push(job.idempotencyKey ?? '');
    });
    const app = t.app();
    app.register(beat);
    await app.work({ queues: { default: 5 } });
    await app.schedule('every-second', { every: '1s' }, beat({ n: 1 }));
    await until(() => keys.length >= 3);
    expect(new Set(keys).size).toBe(keys.length);
    const [first = 0, second] = keys.map((key) => Date.parse(key.split('@')[1] ?? ''));
    expect(second).toBe(first + 1_000);
    expect(first % 1_000).toBe(0);
    const [info] = await app.schedules.list();
    expect(info).toMatchObject({ name: 'every-second', job: 'beat', every: 1_000, paused: false });
  });

  it('goes on after each end with `after`', async () => {
    let runs = 0;
    const beat = defineJob({ name: 'beat', attempts: 1 }, async () => {
      runs += 1;
      if (runs === 2) throw new Error('no');
    });
    const app = t.app();
    app.register(beat);
    await app.work({ queues: { default: 5 } });
    const done = waitFor(
      app.events,
      'job.completed',
      (event: JobCompletedEvent) => event.name === 'beat' && runs >= 4,
    );
    await app.schedule('heart', { after: '50ms' }, beat());
    await done;
    expect(runs).toBe(4);
  });
});
