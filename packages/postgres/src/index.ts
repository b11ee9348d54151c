// The public surface. Everything else may change without notice.
export type { Database, EmbeddedDatabase, Pool, PoolClient } from './database.js';
export {
  type EnqueueInTransactionOptions,
  enqueueInTransaction,
  type OutboxEntry,
} from './enqueue-in-transaction.js';
export { MissingMigrationError, TransactionClosedError } from './errors.js';
export { type Migration, migrate, migrations } from './migrate.js';
export { onceInTransaction } from './once-in-transaction.js';
export { OutboxRelay, type OutboxRelayOptions, type RelayTotals } from './outbox-relay.js';
export { type PruneOptions, pruneSteps } from './prune.js';
export type { Queryable } from './queryable.js';
export type { Refusal, Relayed } from './relay-batch.js';
