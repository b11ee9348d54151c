import { randomUUID } from 'node:crypto';
import { ask, type Queryable } from './queryable.js';

/**
 * Marks the transaction that is open on the client, and gives the mark: a setting that ends with the transaction, so that
 * `WHERE current_setting('bulletproof.mark', true) = mark` makes a later statement do nothing outside of it. Without an
 * open transaction the mark ends at once.
 */
export async function markTransaction(tx: Queryable): Promise<string> {
  const mark = randomUUID();
  await ask(tx, `SELECT set_config('bulletproof.mark', $1, true)`, [mark]);
  return mark;
}
