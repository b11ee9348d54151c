// M6: stock BullMQ runs a job again under the same jobId once it has removed the first one.
import { describe, expect, it } from '@jest/globals';
import { Worker } from 'bullmq';
import { type Bulletproof, defineJob } from '../../src/index.js';
import { world } from './world.js';

const stage = world();

function charging(app: Bulletproof) {
  const charged: string[] = [];
  const charge = defineJob(
    { name: 'charge', idempotencyKey: ({ order }: { order: string }) => order },
    ({ order }) => {
      charged.push(order);
      return `charged ${order}`;
    },
  );
  app.register(charge);
  return { charge, charged };
}

const removals: readonly (readonly [string, (id: string) => Promise<unknown>])[] = [
  ['removed', (id) => stage.queue().remove(id)],
  ['cleaned', () => stage.queue().clean(0, 0, 'completed')],
  [
    'obliterated with its queue',
    async () => {
      await stage.queue().obliterate({ force: true });
      await stage.queue().resume();
    },
  ],
];

describe('stock M6: "the same jobId runs again after the job was removed"; here a key', () => {
  it.each(removals)(
    'whose job was %s answers with the first result, in every app',
    async (_, remove) => {
      const app = stage.app();
      const { charge, charged } = charging(app);
      await app.work();
      const first = await app.enqueue(charge({ order: '1' }));
      await expect(first.result()).resolves.toBe('charged 1');

      await remove(first.id);
      expect(await stage.queue().getJob(first.id)).toBeUndefined();

      for (const producer of [app, stage.app()]) {
        if (producer !== app) producer.register(charge);
        const again = await producer.enqueue(charge({ order: '1' }));
        expect(again).toMatchObject({ id: first.id, deduplicated: true });
        await expect(again.result()).resolves.toBe('charged 1');
        await expect(again.status()).resolves.toMatchObject({
          state: 'completed',
          result: 'charged 1',
        });
      }
      const many = await app.enqueueMany([charge({ order: '1' }), charge({ order: '2' })]);
      expect(many).toMatchObject({ enqueued: 1, deduplicated: 1 });
      await app.enqueue(charge({ order: '2' })).then((handle) => handle.result());
      expect(charged).toEqual(['1', '2']);
    },
  );

  it('runs twice in stock BullMQ, which is what this file is about', async () => {
    const runs: string[] = [];
    const queue = stage.queue('stock');
    const connection = stage.redis.duplicate({ maxRetriesPerRequest: null });
    const worker = new Worker('stock', async (job) => runs.push(job.id ?? ''), {
      prefix: stage.prefix,
      connection,
    });
    const done = () => new Promise((resolve) => worker.once('completed', resolve));
    const options = { jobId: 'order-1', removeOnComplete: true };
    const first = done();
    await queue.add('charge', {}, options);
    await first;
    const second = done();
    await queue.add('charge', {}, options);
    await second;
    await worker.close();
    await connection.quit();
    expect(runs).toEqual(['order-1', 'order-1']);
  });
});
