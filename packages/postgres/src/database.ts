import { type Rule, refuseOption } from '@bulletproof/kernel';
import type { Queryable } from './queryable.js';

/** A client that a pool lends. */
export interface PoolClient extends Queryable {
  release(broken?: boolean | Error): void;
  on?(event: 'error', listener: (error: Error) => void): unknown;
  off?(event: 'error', listener: (error: Error) => void): unknown;
}

/** A pool of connections, such as `pg.Pool`. */
export interface Pool {
  connect(): Promise<PoolClient>;
}

/** A database in this process, such as PGlite. */
export interface EmbeddedDatabase extends Queryable {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  listen?(channel: string, wake: () => void): Promise<() => Promise<void>>;
}

/** Where transactions of our own run. */
export type Database = Pool | EmbeddedDatabase;

const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function';

/** Accepts a pool or an embedded database. */
export const database: Rule<Database> = (value, path) => {
  if (has(value, 'connect') && !has(value, 'transaction')) return value as Pool;
  if (has(value, 'transaction') && has(value, 'query')) return value as EmbeddedDatabase;
  return refuseOption(path, 'a pg.Pool or a PGlite', value);
};

/** True for a pool. */
export function isPool(db: Database): db is Pool {
  return !('transaction' in db);
}

/** Runs `work` in a transaction; what it throws rolls back and comes out. */
export async function transact<T>(db: Database, work: (tx: Queryable) => Promise<T>): Promise<T> {
  if (!isPool(db)) return db.transaction(work);
  const client = await db.connect();
  let broken: unknown;
  // Lent out, a connection of `pg` that breaks has no other listener, and unheard it would end the process.
  const onError = (error: unknown): void => {
    broken = error;
  };
  client.on?.('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure;
    });
    throw error;
  } finally {
    // A connection that broke or cannot even roll back is thrown away, not lent again; it may still complain.
    if (broken === undefined) client.off?.('error', onError);
    client.release(broken !== undefined);
  }
}
