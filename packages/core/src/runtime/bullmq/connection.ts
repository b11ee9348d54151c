import type { RedisConnection } from '@bulletproof/kernel';
import type { ConnectionOptions, QueueOptions } from 'bullmq';

/** What BullMQ's objects of one app share. */
export interface BullParts {
  /** BullMQ's key prefix; on Redis Cluster with a hash tag around it. */
  readonly prefix: string;
  readonly connection: RedisConnection;
}

/** The options of a BullMQ object on our connection, which stays ours: BullMQ does not close it. */
export function bullOptions(parts: BullParts): QueueOptions {
  return { prefix: parts.prefix, connection: parts.connection.client as ConnectionOptions };
}
