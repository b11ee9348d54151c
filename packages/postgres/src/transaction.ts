import { randomUUID } from 'node:crypto';
import { ask, type Queryable } from './queryable.js';

/** What is marked already keeps its mark: one of our functions may be called inside of another. */
const MARK = `
  SELECT set_config('bulletproof.mark', coalesce(nullif(current_setting('bulletproof.mark', true), ''), $1), true) AS mark`;

/**
 * Marks the transaction that is open on the client, and gives the mark: a setting that ends with the transaction, so that
 * `WHERE current_setting('bulletproof.mark', true) = mark` makes a later statement do nothing outside of it. Without an
 * open transaction the mark ends at once.
 */
export async function markTransaction(tx: Queryable): Promise<string> {
  const [row] = await ask<{ mark: string }>(tx, MARK, [randomUUID()]);
  return row?.mark ?? '';
}
