// docs/guides/operations.md against a server.
import { type OwnRedis, ownRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bulletproof, defineJob, JobFailedError } from '../../src/index.js';
import { silent } from '../app/trial.js';
import { pageText } from './page.js';

const page = pageText('guides/operations.md');
const greet = defineJob(
  { name: 'greet', idempotencyKey: ({ name }: { name: string }) => name },
  async ({ name }: { name: string }, job) => job.step('greet', () => `hello ${name}`),
);
const fail = defineJob({ name: 'fail', attempts: 1 }, async () => {
  throw new Error('for good');
});

let server: OwnRedis;

beforeAll(async () => {
  server = await ownRedis();
});
afterAll(() => server.stop());

describe('the ACL rules of the page', () => {
  it('are enough for producers, workers and operators', async () => {
    const [rules = ''] = /^ACL SETUSER shop .*$/m.exec(page) ?? [];
    await server.client.call('ACL', ...rules.split(' ').slice(1));
    const url = server.url.replace('redis://', 'redis://shop:secret@');
    const app = new Bulletproof({ redis: url, prefix: 'shop', logger: silent });
    try {
      app.register(greet, fail);
      const worker = await app.work();
      const { enqueued } = await app.enqueueMany([greet({ name: 'Ada' }), greet({ name: 'Eve' })]);
      expect(enqueued).toBe(2);
      const handle = await app.enqueue(greet({ name: 'Ada' }));
      expect(await handle.result()).toBe('hello Ada');
      const doomed = await app.enqueue(fail());
      await expect(doomed.result()).rejects.toThrow(JobFailedError);
      expect((await app.dead.list()).map(({ id }) => id)).toEqual([doomed.id]);
      await worker.close();
      await app.dead.retry(doomed.id);
      expect(await app.call(doomed.id).cancel('enough')).toBe(true);
      await app.queues.pause('low');
      await app.queues.resume('low');
      expect((await app.queues.status()).map(({ name }) => name)).toContain('low');
    } finally {
      await app.close();
    }
    await expect(server.client.call('ACL', 'LOG')).resolves.toEqual([]);
  });
});

describe('the connections', () => {
  it('are as many as the page says, and have its names', async () => {
    const prefix = uniquePrefix('shop');
    const names = async (): Promise<string[]> => {
      const list = (await server.client.client('LIST')) as string;
      const found = [...list.matchAll(/ name=(\S*)/g)].map(([, name = '']) => name);
      return found.filter((name) => name.includes(prefix)).sort();
    };
    const app = new Bulletproof({ redis: server.url, prefix, logger: silent });
    try {
      app.register(greet);
      await app.queues.status();
      expect(await names()).toEqual([`${prefix}:producer`]);
      await app.work();
      expect(await names()).toHaveLength(7);
      expect(await names()).toEqual(
        expect.arrayContaining([`${prefix}:producer`, `${prefix}:signals`, `${prefix}:worker`]),
      );
      const handle = await app.enqueue(greet({ name: 'Ada' }));
      await handle.result();
      expect(await names()).toEqual(expect.arrayContaining([`${prefix}:events`]));
      expect(await names()).toHaveLength(9);
    } finally {
      await app.close();
    }
  });
});
