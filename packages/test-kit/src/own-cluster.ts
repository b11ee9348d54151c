import { type OwnRedis, ownRedis } from './own-redis.js';
import { until } from './until.js';

const SLOTS = 16_384;

/** A Redis Cluster that one test owns. */
export interface OwnCluster {
  /** Its nodes, all primaries, in the order of their slots. */
  readonly nodes: readonly OwnRedis[];
  /** Start nodes as ioredis's `Cluster` takes them. */
  readonly startNodes: ReadonlyArray<{ host: string; port: number }>;
  /** Ends all nodes. */
  stop(): Promise<void>;
}

/** Starts a Redis Cluster of primaries that share the slots evenly; resolves when every node says that it is whole. Default 3 nodes. */
export async function ownCluster({
  nodes: count = 3,
}: {
  nodes?: number;
} = {}): Promise<OwnCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const nodes = await Promise.all(Array.from({ length: count }, () => ownRedis({ args })));
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    await join(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  const startNodes = nodes.map(({ host, port }) => ({ host, port }));
  return { nodes, startNodes, stop };
}

async function join(nodes: readonly OwnRedis[]) {
  for (const [index, { client }] of nodes.entries()) {
    const first = Math.floor((index * SLOTS) / nodes.length);
    const last = Math.floor(((index + 1) * SLOTS) / nodes.length) - 1;
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last));
    for (const other of nodes.slice(0, index)) {
      await client.call('CLUSTER', 'MEET', other.host, String(other.port));
    }
  }
  for (const { client, port } of nodes) {
    await until(
      async () => {
        const info = String(await client.call('CLUSTER', 'INFO'));
        return info.includes('cluster_state:ok') && info.includes(`cluster_size:${nodes.length}`);
      },
      { what: `the cluster node on port ${port} to see all slots`, deadlineMs: 30_000 },
    );
  }
}
