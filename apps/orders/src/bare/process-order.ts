import { appendFile } from 'node:fs/promises';
import type { Database } from '../database/database.js';
import { confirmationMail } from '../mail/confirmation.js';
import { OrderNotFoundError } from '../orders/errors.js';
import { note, readOrder } from '../orders/order.js';
import type { PaymentGateway } from '../payments/payment-gateway.js';

/** What the bare handler works with. */
export interface BareParts {
  db: Database;
  gateway: PaymentGateway;
  outboxFile: string;
}

/**
 * Processes an order in the way that is written first: look whether it is done, take the stock, charge, save, send the
 * mail. Nothing in it is silly, and each pair of lines is a place to be killed in, or to be overtaken by a twin.
 */
export async function processBare(
  { db, gateway, outboxFile }: BareParts,
  orderId: string,
): Promise<void> {
  const record = await readOrder(db, orderId);
  if (record === undefined) throw new OrderNotFoundError(orderId);
  const { order } = record;
  if (order.status === 'confirmed') return;
  await db.query(
    `UPDATE stock SET units = units - quantity FROM order_lines
     WHERE order_id = $1 AND order_lines.film_id = stock.film_id`,
    [orderId],
  );
  const { chargeId } = await gateway.capture({ orderId, amountCents: order.totalCents }, {});
  await db.query(
    `UPDATE orders SET status = 'confirmed', charge_id = $2, processed_at = now() WHERE id = $1`,
    [orderId, chargeId],
  );
  await note(db, orderId, 'confirmed', { chargeId });
  await appendFile(outboxFile, `${JSON.stringify(confirmationMail(order))}\n`);
}
