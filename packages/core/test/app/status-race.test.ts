import { TcpProxy, until, waitFor } from '@bulletproof/test-kit';
import { expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { type CallStatus, defineJob } from '../../src/index.js';
import { trial } from './trial.js';

const bench = trial();

const boom = defineJob({ name: 'boom', attempts: 1 }, () => {
  throw Object.assign(new Error('boom'), { code: 'BOOM' });
});
const nothing = defineJob({ name: 'nothing', attempts: 1 }, () => null);
const keyed = defineJob({ name: 'keyed', idempotencyKey: () => 'key' }, () => null);

/** A status whose look at the record is answered late: the call ends between that and the look at its queue. */
it.each([
  [boom, { state: 'dead', error: { code: 'BOOM' } }],
  [nothing, { state: 'completed', result: null }],
  [keyed, { state: 'completed', result: null }],
])('a call that ends between two looks is shown as it ended: %p', async (job, expected) => {
  const proxy = await TcpProxy.open(bench.url);
  bench.closing(() => proxy.close());
  const app = bench.app();
  app.register(boom, nothing, keyed);
  await app.queues.pause('default');
  await app.work({ queues: { default: 1 } });
  const { id } = await app.enqueue(job(undefined));

  const observer = bench.app({ redis: proxy.url });
  const seen = observer.call(id);
  expect((await seen.status()).state).toBe('waiting');

  const monitor = await bench.redis.monitor();
  bench.closing(async () => monitor.disconnect());
  const looked = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, args: readonly string[], source: string) => {
      const command = args[0]?.toLowerCase();
      if (source === 'lua' && command === 'hmget' && args[1]?.startsWith(`${bench.prefix}:{r`)) {
        resolve();
      }
    });
  });
  proxy.freeze('replies');
  const status: Promise<CallStatus> = seen.status();
  await looked;

  const stock = new Queue('default', { prefix: bench.prefix, connection: { url: bench.url } });
  bench.closing(() => stock.close());
  const ended = waitFor(app.events, job === boom ? 'job.dead' : 'job.completed');
  await app.queues.resume('default');
  await ended;
  await until(async () => (await stock.getJob(id))?.finishedOn, { what: 'BullMQ to know' });
  proxy.thaw();
  await expect(status).resolves.toMatchObject(expected);
});
