// BullMQ's lock and the record's lease are one: who takes over after a crash finds both ended, and does not have to wait.
import { keysUnder, until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { defineJob, type JobContext } from '../../src/index.js';
import { world } from './world.js';

const stage = world();
const LEASE_MS = 8_000;
/** Well before the first renewal, after a quarter of the lease. */
const USED_MS = 300;
/** Between the reads of the two, and by rounding. */
const SLACK_MS = 100;

const lockLeftMs = (id: string) => stage.redis.pttl(`${stage.prefix}:default:${id}:lock`);

/** How much longer the record says that the call is held. */
async function leaseLeftMs(): Promise<number> {
  const [record = ''] = (await keysUnder(stage.redis, stage.prefix)).filter((key) =>
    key.includes(':key:'),
  );
  const [seconds = 0, micros = 0] = (await stage.redis.time()).map(Number);
  return Number(await stage.redis.hget(record, 'lu')) - (seconds * 1_000 + micros / 1_000);
}

describe('the lease of a record', () => {
  it.each([
    ['a step is recorded', 1],
    ['a second start asks', 2],
  ])('ends with BullMQ’s lock when %s', async (_, starts) => {
    const app = stage.app({
      lease: LEASE_MS,
      defaults: { attempts: 2, backoff: { type: 'fixed', delay: 1 } },
    });
    const act = defineJob(
      { name: 'act', idempotencyKey: () => 'one' },
      async (_input: null, job: JobContext) => {
        if (job.attempt < starts) throw new Error('once more');
        await until(async () => (await lockLeftMs(job.id)) < LEASE_MS - USED_MS);
        if (starts === 1) await job.step('charge', () => 1);
        const lease = await leaseLeftMs();
        return { lease, lock: await lockLeftMs(job.id) };
      },
    );
    app.register(act);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(act(null));
    const { lease, lock } = await handle.result();
    expect(lease).toBeGreaterThan(0);
    expect(lease).toBeLessThan(lock + SLACK_MS);
  });
});
