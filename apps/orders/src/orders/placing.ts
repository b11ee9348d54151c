import { jobsOf } from '@bulletproof/core';
import { enqueueInTransaction } from '@bulletproof/postgres';
import type { Database, Statements } from '../database/database.js';
import { OrderConflictError, UnknownFilmError } from './errors.js';
import { note, type Order, readOrder } from './order.js';
import { OrderJobs } from './order-jobs.js';
import { digestOf, type OrderRequest } from './order-request.js';

/** An order and whether this request was the one that made it. */
export interface Placed {
  order: Order;
  created: boolean;
}

/**
 * Stores an order once an id, and enqueues its job in the same transaction: there is no order without its job, and no job
 * without its order.
 * @throws {OrderConflictError} when the id exists with another body; code `ORDER_CONFLICT`
 * @throws {UnknownFilmError} when a film is not on sale; code `UNKNOWN_FILM`
 */
export async function placeOrder(db: Database, request: OrderRequest): Promise<Placed> {
  const bodyDigest = digestOf(request);
  return db.transaction(async (tx) => {
    const created = await insertOrder(tx, request, bodyDigest);
    const record = await readOrder(tx, request.id);
    // Read after the insert waited for a twin's commit, so it is there.
    if (record === undefined) throw new Error(`Order ${request.id} vanished while it was placed.`);
    if (record.bodyDigest !== bodyDigest) throw new OrderConflictError(request.id);
    if (created) {
      await enqueueInTransaction(tx.client, jobsOf(OrderJobs).process({ orderId: request.id }));
    }
    return { order: record.order, created };
  });
}

/** Inserts the order unless its id is taken. Says whether it did. */
export async function insertOrder(
  tx: Statements,
  { id, customer, lines }: OrderRequest,
  bodyDigest: string,
): Promise<boolean> {
  const films = lines.map(({ film }) => film);
  const rows = await tx.query<{ id: string; price_cents: number }>(
    'SELECT id, price_cents FROM films WHERE id = ANY($1)',
    [films],
  );
  const prices = new Map(rows.map((row) => [row.id, row.price_cents]));
  const unknown = films.filter((film) => !prices.has(film));
  if (unknown.length > 0) throw new UnknownFilmError(unknown);
  const unitPrices = films.map((film) => prices.get(film) ?? 0);
  const totalCents = lines.reduce(
    (sum, { quantity }, index) => sum + quantity * (unitPrices[index] ?? 0),
    0,
  );
  const inserted = await tx.query(
    `INSERT INTO orders (id, customer, total_cents, body_digest) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [id, customer, totalCents, bodyDigest],
  );
  if (inserted.length === 0) return false;
  await tx.query(
    `INSERT INTO order_lines (order_id, line, film_id, quantity, unit_price_cents)
     SELECT $1, * FROM unnest($2::int[], $3::text[], $4::int[], $5::int[])`,
    [id, lines.map((_, index) => index + 1), films, lines.map((line) => line.quantity), unitPrices],
  );
  await note(tx, id, 'placed', { totalCents });
  return true;
}
