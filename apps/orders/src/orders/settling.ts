import type { Database, Transaction } from '../database/database.js';
import { OrderNotFoundError, StaleRunError } from './errors.js';
import { note, type Order, type OrderStatus, readOrder } from './order.js';

/** Which run of a job acts. */
export interface Run {
  /** Grows with every new holder of the job's key. */
  fencingToken: number;
}

/**
 * Takes the order's films out of the stock, once; an order that cannot be filled becomes `sold_out`.
 * Says how the order stands afterwards.
 */
export function reserve(db: Database, orderId: string, run: Run): Promise<Order> {
  return changeOnce(db, orderId, run, async (tx, order) => {
    if (order.status !== 'placed') return undefined;
    const lines = await tx.query<{ film_id: string; quantity: number; units: number }>(
      // In the order of their ids, so that two orders with the same films never wait for each other in a circle.
      `SELECT film_id, quantity, units FROM stock JOIN order_lines USING (film_id)
       WHERE order_id = $1 ORDER BY film_id FOR UPDATE OF stock`,
      [orderId],
    );
    const missing = lines.filter(({ quantity, units }) => quantity > units);
    if (missing.length > 0) {
      await note(tx, orderId, 'sold_out', { films: missing.map((line) => line.film_id) });
      return { status: 'sold_out' };
    }
    await moveStock(tx, orderId, -1);
    await note(tx, orderId, 'reserved');
    return { status: 'reserved' };
  });
}

/** Ends the order as paid, once. */
export function confirm(db: Database, orderId: string, chargeId: string, run: Run): Promise<Order> {
  return changeOnce(db, orderId, run, async (tx, order) => {
    await note(tx, orderId, 'confirmed', { chargeId, totalCents: order.totalCents });
    return { status: 'confirmed', chargeId };
  });
}

/** Ends the order as not paid and puts its films back, once. */
export function refuse(db: Database, orderId: string, reason: string, run: Run): Promise<Order> {
  return changeOnce(db, orderId, run, async (tx, order) => {
    if (order.status === 'reserved') await moveStock(tx, orderId, 1);
    await note(tx, orderId, 'refused', { reason });
    return { status: 'refused' };
  });
}

interface Change {
  status: OrderStatus;
  chargeId?: string;
}

/**
 * The suspenders to the job's belt: whatever the queue does, the row is locked, a run that was overtaken is refused, and
 * an order that has come to its end (`processed_at`) is left as it is.
 */
async function changeOnce(
  db: Database,
  orderId: string,
  { fencingToken }: Run,
  decide: (tx: Transaction, order: Order) => Promise<Change | undefined>,
): Promise<Order> {
  return db.transaction(async (tx) => {
    const record = await readOrder(tx, orderId, { lock: true });
    if (record === undefined) throw new OrderNotFoundError(orderId);
    const { order, fence } = record;
    if (fence > fencingToken) throw new StaleRunError(orderId, fencingToken, fence);
    // Raised even when nothing else changes: from here on the runs before this one are too late.
    if (fence < fencingToken) {
      await tx.query('UPDATE orders SET fence = $2 WHERE id = $1', [orderId, fencingToken]);
    }
    if (order.processedAt !== null) return order;
    const change = await decide(tx, order);
    if (change === undefined) return order;
    await tx.query(
      `UPDATE orders SET status = $2, charge_id = $3,
              reserved_at  = CASE WHEN $2 = 'reserved' THEN now() ELSE reserved_at END,
              processed_at = CASE WHEN $2 = 'reserved' THEN NULL ELSE now() END
       WHERE id = $1`,
      [orderId, change.status, change.chargeId ?? null],
    );
    const changed = await readOrder(tx, orderId);
    return changed?.order ?? order;
  });
}

async function moveStock(tx: Transaction, orderId: string, sign: 1 | -1): Promise<void> {
  await tx.query(
    `UPDATE stock SET units = units + $2 * quantity FROM order_lines
     WHERE order_id = $1 AND order_lines.film_id = stock.film_id`,
    [orderId, sign],
  );
}
