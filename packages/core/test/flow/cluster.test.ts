import { type OwnCluster, ownCluster, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { Bulletproof } from '../../src/index.js';
import { silent } from '../app/trial.js';
import { orderJobs } from './orders.js';

let cluster: OwnCluster;
let client: Cluster;

beforeAll(async () => {
  cluster = await ownCluster();
  client = new Cluster([...cluster.startNodes]);
}, 60_000);
afterAll(async () => {
  await client.quit();
  await cluster.stop();
});

it('a flow runs, fails and is undone on Redis Cluster', async () => {
  const broken = new Set(['ship']);
  const { log, jobs, order } = orderJobs(broken);
  const app = new Bulletproof({ redis: client, prefix: uniquePrefix('cluster'), logger: silent });
  app.register(...Object.values(jobs));
  await app.work();
  const runs = await Promise.all(['1', '2', '3'].map((id) => app.start(order(id), { id })));
  for (const run of runs) {
    await expect(run.result({ timeout: '30s' })).rejects.toMatchObject({ state: 'compensated' });
  }
  broken.clear();
  for (const run of runs) await run.retry();
  const results = await Promise.all(runs.map((run) => run.result({ timeout: '30s' })));
  expect(results.map(({ ship }) => ship)).toEqual([{ ship: '1' }, { ship: '2' }, { ship: '3' }]);
  expect(log.filter((name) => name === 'refund')).toHaveLength(3);
  await app.close({ deadline: '1s' });
}, 90_000);
