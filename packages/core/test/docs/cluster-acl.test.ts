// The ACL rules of docs/guides/operations.md on Redis Cluster.
import { type OwnCluster, ownCluster } from '@bulletproof/test-kit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { Bulletproof, defineJob } from '../../src/index.js';
import { silent } from '../app/trial.js';
import { codesIn, pageText } from './page.js';

const page = pageText('guides/operations.md');
const greet = defineJob(
  { name: 'greet', idempotencyKey: ({ name }: { name: string }) => name },
  async ({ name }: { name: string }, job) => job.step('greet', () => `hello ${name}`),
);

let cluster: OwnCluster;
let client: Cluster | undefined;
let app: Bulletproof | undefined;

beforeAll(async () => {
  cluster = await ownCluster();
}, 60_000);
// Rules that are not enough leave clients that would try for ever.
afterAll(async () => {
  await app?.close({ deadline: 0 });
  client?.disconnect();
  await cluster.stop();
});

it('are enough with what the page adds to them', async () => {
  const [rules = ''] = /^ACL SETUSER shop .*$/m.exec(page) ?? [];
  const [, added = ''] = /On Cluster add ([^\n]*)/.exec(page) ?? [];
  const all = [...rules.split(' ').slice(1), ...codesIn(added).flatMap((code) => code.split(' '))];
  await Promise.all(cluster.nodes.map((node) => node.client.call('ACL', ...all)));
  client = new Cluster([...cluster.startNodes], {
    redisOptions: { username: 'shop', password: 'secret' },
  });
  app = new Bulletproof({ redis: client, prefix: 'shop', logger: silent });
  app.register(greet);
  const handle = await app.enqueue(greet({ name: 'Ada' }));
  await app.work();
  expect(await handle.result()).toBe('hello Ada');
  expect((await app.queues.status()).map(({ completed }) => completed)).toContain(1);
  const logs = await Promise.all(cluster.nodes.map((node) => node.client.call('ACL', 'LOG')));
  expect(logs.flat()).toEqual([]);
});
