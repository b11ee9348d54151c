import type { Row, Statements } from '../database/database.js';

/** How far an order is; the last three are ends. */
export type OrderStatus = 'placed' | 'reserved' | 'confirmed' | 'sold_out' | 'refused';

/** An order as the database has it. */
export interface Order {
  id: string;
  customer: string;
  totalCents: number;
  status: OrderStatus;
  chargeId: string | null;
  placedAt: Date;
  processedAt: Date | null;
}

interface OrderRow extends Row {
  id: string;
  customer: string;
  total_cents: number;
  status: OrderStatus;
  charge_id: string | null;
  placed_at: Date;
  processed_at: Date | null;
  body_digest: string;
}

/** An order with what the rules need to know about its row. */
export interface OrderRecord {
  order: Order;
  bodyDigest: string;
}

/** Reads one order; `lock: true` keeps its row for this transaction alone. */
export async function readOrder(
  tx: Statements,
  id: string,
  { lock = false } = {},
): Promise<OrderRecord | undefined> {
  const [row] = await tx.query<OrderRow>(
    `SELECT * FROM orders WHERE id = $1 ${lock ? 'FOR UPDATE' : ''}`,
    [id],
  );
  if (row === undefined) return undefined;
  const order: Order = {
    id: row.id,
    customer: row.customer,
    totalCents: row.total_cents,
    status: row.status,
    chargeId: row.charge_id,
    placedAt: row.placed_at,
    processedAt: row.processed_at,
  };
  return { order, bodyDigest: row.body_digest };
}

/** Notes what happened to an order, in the transaction in which it happened. */
export async function note(
  tx: Statements,
  orderId: string,
  event: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await tx.query('INSERT INTO audit (order_id, event, detail) VALUES ($1, $2, $3)', [
    orderId,
    event,
    JSON.stringify(detail),
  ]);
}
