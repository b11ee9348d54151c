import { type JobContext, jobsOf } from '@bulletproof/core';
import { enqueueInTransaction, onceInTransaction } from '@bulletproof/postgres';
import type { Database, Statements, Transaction } from '../database/database.js';
import { MailJobs } from '../mail/mail-jobs.js';
import { OrderNotFoundError } from './errors.js';
import { note, type Order, type OrderStatus, readOrder } from './order.js';

/**
 * Takes the order's films out of the stock, once; an order that cannot be filled becomes `sold_out`.
 * Says how the order stands afterwards.
 */
export function reserve(db: Database, orderId: string, job: JobContext): Promise<Order> {
  return changeOnce({ db, orderId, job, step: 'reserve' }, async (tx, order) => {
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

/** Ends the order as paid, once, and enqueues the mail that says so in the same transaction. */
export function confirm(
  db: Database,
  orderId: string,
  chargeId: string,
  job: JobContext,
): Promise<Order> {
  return changeOnce({ db, orderId, job, step: 'confirm' }, async (tx, order) => {
    await note(tx, orderId, 'confirmed', { chargeId, totalCents: order.totalCents });
    await enqueueInTransaction(tx.client, jobsOf(MailJobs).confirm({ orderId }));
    return { status: 'confirmed', chargeId };
  });
}

/** Ends the order as not paid and puts its films back, once. */
export function refuse(
  db: Database,
  orderId: string,
  reason: string,
  job: JobContext,
): Promise<Order> {
  return changeOnce({ db, orderId, job, step: 'refuse' }, async (tx, order) => {
    if (order.status === 'reserved') await moveStock(tx, orderId, 1);
    await note(tx, orderId, 'refused', { reason });
    return { status: 'refused' };
  });
}

/** A step of an order's job that changes rows. */
interface Step {
  db: Database;
  orderId: string;
  job: JobContext;
  step: string;
}

interface Change {
  status: OrderStatus;
  chargeId?: string;
}

/**
 * Belt and suspenders. The belt is `onceInTransaction`: the step is recorded with its effect, and a run that was overtaken is
 * refused. The suspenders need no job at all: the row is locked, and an order that has come to its end (`processed_at`) is
 * left as it is, whatever the queue does or has forgotten.
 */
async function changeOnce(
  { db, orderId, job, step }: Step,
  decide: (tx: Transaction, order: Order) => Promise<Change | undefined>,
): Promise<Order> {
  return db.transaction(async (tx) => {
    const { order } = await lockOrder(tx, orderId);
    await onceInTransaction(tx.client, job, step, async () => {
      if (order.processedAt !== null) return;
      const change = await decide(tx, order);
      if (change !== undefined) await save(tx, orderId, change);
    });
    const changed = await readOrder(tx, orderId);
    return changed?.order ?? order;
  });
}

async function lockOrder(tx: Transaction, orderId: string) {
  const record = await readOrder(tx, orderId, { lock: true });
  if (record === undefined) throw new OrderNotFoundError(orderId);
  return record;
}

async function save(tx: Statements, orderId: string, { status, chargeId }: Change): Promise<void> {
  await tx.query(
    `UPDATE orders SET status = $2, charge_id = $3,
            reserved_at  = CASE WHEN $2 = 'reserved' THEN now() ELSE reserved_at END,
            processed_at = CASE WHEN $2 = 'reserved' THEN NULL ELSE now() END
     WHERE id = $1`,
    [orderId, status, chargeId ?? null],
  );
}

async function moveStock(tx: Statements, orderId: string, sign: 1 | -1): Promise<void> {
  await tx.query(
    `UPDATE stock SET units = units + $2 * quantity FROM order_lines
     WHERE order_id = $1 AND order_lines.film_id = stock.film_id`,
    [orderId, sign],
  );
}
