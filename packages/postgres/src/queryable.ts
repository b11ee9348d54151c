import { rule } from '@bulletproof/kernel';
import { MissingMigrationError, TransactionClosedError } from './errors.js';

/** One row of an answer. */
export type Row = Record<string, unknown>;

/** What runs statements: a client of `pg`, a transaction of PGlite, or anything alike. */
export interface Queryable {
  query(text: string, params?: unknown[]): Promise<{ rows: unknown[] }>;
}

const isQueryable = (value: unknown): value is Queryable =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'query') === 'function';

/** Accepts what has a `query` method. */
export const queryable = rule.matching('a client with a query(text, params) method', isQueryable);

// https://www.postgresql.org/docs/current/errcodes-appendix.html: undefined table, schema, column
const NOT_MIGRATED = ['42P01', '3F000', '42703'];
const CLOSED = /transaction is closed|client was closed|not queryable|already been released/i;

/**
 * Runs a statement on our own tables.
 * @throws MissingMigrationError (`MISSING_MIGRATION`) when they are not there
 * @throws TransactionClosedError (`TRANSACTION_CLOSED`) when the client runs nothing any more
 */
export async function ask<R extends Row>(
  client: Queryable,
  text: string,
  params: readonly unknown[] = [],
): Promise<R[]> {
  try {
    const { rows } = await client.query(text, [...params]);
    return rows as R[];
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    if (code !== undefined && NOT_MIGRATED.includes(code))
      throw new MissingMigrationError({ cause });
    if (CLOSED.test(message ?? '')) throw new TransactionClosedError({ cause });
    throw cause;
  }
}
