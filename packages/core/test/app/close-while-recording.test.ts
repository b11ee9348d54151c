import { TcpProxy } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();

/** An app whose only run waits for the end of its handler, behind a proxy that can be cut off. */
async function atWork(handler: () => number) {
  const proxy = await TcpProxy.open(bench.url);
  bench.closing(() => proxy.close());
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let begin: () => void = () => {};
  const began = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const work = defineJob({ name: 'work', attempts: 2 }, async (_input: number) => {
    begin();
    await ended;
    return handler();
  });
  const app = bench.app({ redis: proxy.url, lease: '1s', enqueueTimeout: '1s' });
  app.register(work);
  await app.work({ queues: { default: 1 } });
  const { id } = await app.enqueue(work(1, { idempotencyKey: 'k' }));
  await began;
  return { app, proxy, end, id };
}

const endings: readonly (readonly [string, () => number])[] = [
  ['returned', () => 1],
  [
    'thrown',
    () => {
      throw new Error('not this time');
    },
  ],
];

describe.each(endings)(
  'closing while Redis does not take what a handler has %s',
  (_how, handler) => {
    it('ends, and the call goes on where Redis is', async () => {
      const { app, proxy, end, id } = await atWork(handler);
      proxy.refuse();
      end();
      const away = { code: 'REDIS_UNAVAILABLE' };
      expect(await refusalOf(() => app.queues.status())).toMatchObject(away);
      await app.close({ deadline: 0 });

      const other = bench.app({ lease: '1s' });
      const work = defineJob({ name: 'work', attempts: 2 }, (_input: number) => 2);
      other.register(work);
      await other.work({ queues: { default: 1 } });
      await expect(other.call(id).result()).resolves.toBe(2);
    });
  },
);
