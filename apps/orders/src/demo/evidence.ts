import { readFile } from 'node:fs/promises';
import type { Database } from '../database/database.js';
import { type LedgerEntry, readLedger } from '../gateway/ledger.js';
import { type Mail, parseMails } from '../mail/outbox.js';
import type { OrderStatus } from '../orders/order.js';
import type { PlannedPost } from './plan.js';

/** An order as the audit sees it. */
export interface OrderFact {
  id: string;
  status: OrderStatus;
  totalCents: number;
  chargeId: string | null;
  processedAtMs: number | null;
}

/** One film's stock and what was sold of it by confirmed orders. */
export interface StockFact {
  filmId: string;
  initialUnits: number;
  units: number;
  sold: number;
}

/** A post and its answer; status 0 when none came. */
export interface AnsweredPost {
  post: PlannedPost;
  status: number;
}

/** A `kill -9` of a worker. */
export interface Kill {
  worker: string;
  atMs: number;
  /** Charges that waited for the gateway's answer. */
  chargesInFlight: number;
  /** Orders whose run had begun and not ended, by the worker's own log. */
  ordersInFlight: string[];
}

/** A run of an order that ended, by its worker's own log. */
export interface RunEnd {
  orderId: string;
  end: 'completed' | 'failed' | 'dead' | 'snoozed' | 'cancelled';
  atMs: number;
}

/** The fleet's breaker came into a state. */
export interface BreakerChange {
  state: string;
  atMs: number;
}

/** The time in which the gateway was off. */
export interface Outage {
  offAtMs: number;
  onAtMs: number;
  /** The breaker's changes during the whole story; none without a breaker. */
  breaker: readonly BreakerChange[];
}

/** All that the audit is made from. */
export interface Evidence {
  posts: AnsweredPost[];
  kills: Kill[];
  outage: Outage;
  runs: RunEnd[];
  ledger: LedgerEntry[];
  orders: OrderFact[];
  stock: StockFact[];
  mails: Mail[];
}

/** Reads the gateway's ledger, the database and the outbox. */
export async function gatherEvidence(
  db: Database,
  files: { ledger: string; outbox: string },
): Promise<Pick<Evidence, 'ledger' | 'orders' | 'stock' | 'mails'>> {
  const orders = await db.query<{
    id: string;
    status: OrderStatus;
    total_cents: number;
    charge_id: string | null;
    processed_at: Date | null;
  }>('SELECT id, status, total_cents, charge_id, processed_at FROM orders ORDER BY id');
  const stock = await db.query<{
    film_id: string;
    initial_units: number;
    units: number;
    sold: number;
  }>(
    `SELECT film_id, initial_units, units, COALESCE(sum(quantity), 0)::int AS sold
     FROM stock LEFT JOIN (
       SELECT film_id, quantity FROM order_lines JOIN orders ON orders.id = order_id WHERE status = 'confirmed'
     ) AS line USING (film_id)
     GROUP BY film_id ORDER BY film_id`,
  );
  return {
    ledger: await readLedger(files.ledger),
    mails: parseMails(await readFile(files.outbox, 'utf8').catch(emptyIfMissing)),
    orders: orders.map((row) => ({
      id: row.id,
      status: row.status,
      totalCents: row.total_cents,
      chargeId: row.charge_id,
      processedAtMs: row.processed_at?.getTime() ?? null,
    })),
    stock: stock.map((row) => ({
      filmId: row.film_id,
      initialUnits: row.initial_units,
      units: row.units,
      sold: row.sold,
    })),
  };
}

function emptyIfMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
