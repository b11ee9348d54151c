import { randomUUID } from 'node:crypto';
import { type Call, checkCall } from '@bulletproof/core';
import { checkOptions, rule } from '@bulletproof/kernel';
import { TransactionClosedError } from './errors.js';
import { ask, type Queryable, queryable } from './queryable.js';
import { markTransaction } from './transaction.js';

/** Where relays are told that something was committed. */
export const CHANNEL = 'bulletproof_outbox';

/** How a call is put into the outbox. */
export interface EnqueueInTransactionOptions {
  /**
   * Calls of one key are relayed in the order in which their transactions committed; those wait for each other.
   * 1 to 256 characters. @default none: in no order
   */
  readonly orderingKey?: string;
}

/** A call in the outbox. */
export interface OutboxEntry {
  /** The call's id, for `app.call(id)` once it is relayed. */
  readonly id: string;
}

const RULES = { orderingKey: rule.optional(rule.text({ maxLength: 256 })) };

// Two's-complement of a hash: other keys that share it wait a little without need.
const ORDER = `SELECT pg_advisory_xact_lock(hashtextextended($1, 20261125))`;

const INSERT = `
  WITH entry AS (
    INSERT INTO bulletproof_outbox (call_id, call, ordering_key)
    SELECT $1, $2, $3 WHERE current_setting('bulletproof.mark', true) = $4
    RETURNING id
  )
  SELECT id, pg_notify('${CHANNEL}', '') FROM entry`;

/**
 * Enqueues a call with the transaction: it is relayed to its queue if the transaction commits, and only then.
 * @param tx the client on which a transaction is open
 * @param call what `reference(input, options)` gives; `delay` counts from now, `expiresAfter` too
 * @throws TransactionClosedError (`TRANSACTION_CLOSED`) when no transaction is open on `tx`; nothing was enqueued
 * @throws MissingMigrationError (`MISSING_MIGRATION`)
 * @throws InvalidInputError, NotJsonError, PayloadTooLargeError, InvalidOptionError as `app.enqueue` does
 */
export async function enqueueInTransaction(
  tx: Queryable,
  call: Call,
  options: EnqueueInTransactionOptions = {},
): Promise<OutboxEntry> {
  queryable(tx, 'enqueueInTransaction tx');
  const { orderingKey } = checkOptions('enqueueInTransaction', options, RULES);
  const kept = toKept(await checkCall(call));
  const mark = await markTransaction(tx);
  // Ids are given before the commit: without the lock, a later transaction could be relayed first.
  if (orderingKey !== undefined) await ask(tx, ORDER, [orderingKey]);
  const { id } = kept.options;
  const inserted = await ask(tx, INSERT, [id, JSON.stringify(kept), orderingKey ?? null, mark]);
  if (inserted.length === 0) throw new TransactionClosedError();
  return { id };
}

/** The call with an id, so that relaying it again is the same enqueue, and with a moment in the place of a delay. */
function toKept(call: Call): Call & { readonly options: { readonly id: string } } {
  const { delay, ...options } = call.options ?? {};
  const at = delay === undefined ? options.at : Date.now() + delay;
  const id = options.id ?? `outbox-${randomUUID()}`;
  return { ...call, options: { ...options, ...(at === undefined ? {} : { at }), id } };
}
