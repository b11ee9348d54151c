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

/** Starts a Redis Cluster of primaries that share the slots evenly; resolves when every node knows all the others. Default 3 nodes. */
export async function ownCluster({
  nodes: count = 3,
}: {
  nodes?: number;
} = {}): Promise<OwnCluster> {
  // Without an announced address, a node has none to give to clients until another node has told it.
  const announce = ['--cluster-announce-ip', '127.0.0.1'];
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...announce];
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
  }
  for (const node of nodes) {
    await until(() => isWhole(node, nodes), {
      what: `the cluster node on port ${node.port} to see all slots`,
      deadlineMs: 30_000,
    });
  }
}

/** Introduces the node to those it does not know: on a busy machine a handshake may time out, and Redis does not repeat it. */
async function isWhole({ client, port }: OwnRedis, nodes: readonly OwnRedis[]): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'));
  const known = Number(/cluster_known_nodes:(\d+)/.exec(info)?.[1]);
  if (known < nodes.length) {
    for (const other of nodes.filter((node) => node.port !== port)) {
      await client.call('CLUSTER', 'MEET', other.host, String(other.port));
    }
  }
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${nodes.length}\r`);
}
