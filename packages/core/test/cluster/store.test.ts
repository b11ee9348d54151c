import { portOf } from '@bulletproof/kernel';
import { type OwnCluster, ownCluster } from '@bulletproof/test-kit';
import { afterAll, beforeAll } from '@jest/globals';
import { Cluster } from 'ioredis';
import { recordStoreConformance } from '../idempotency/conformance/suite.js';
import { clusterSubject } from './cluster-subject.js';

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

recordStoreConformance('on Redis Cluster', () =>
  clusterSubject(
    portOf(client),
    cluster.nodes.map((node) => node.client),
  ),
);
