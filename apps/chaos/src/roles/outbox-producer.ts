// Places its share of the orders, each in a transaction of its own, and ends. A successor goes on where it was killed.
import { Bulletproof } from '@bulletproof/core';
import { enqueueInTransaction, type Queryable } from '@bulletproof/postgres';
import { pino } from 'pino';
import { type Crash, crashAt, watched } from '../postgres/boundaries.js';
import { poolOf } from '../postgres/database.js';
import { isRolledBack, note } from '../work/order-note.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

/** When the job of an order is enqueued: with its transaction, or, as many do, beside it. */
export type EnqueueWhen = 'with' | 'after' | 'before';

/** What a producer is told. */
export interface OutboxProducerSettings extends RoleSettings {
  readonly databaseUrl: string;
  readonly orders: number;
  /** It places the orders of which the number leaves this rest. */
  readonly rest: number;
  readonly producers: number;
  readonly when: EnqueueWhen;
  readonly crash?: Crash;
}

const AT_ONCE = 8;

const { databaseUrl, redisUrl, prefix, orders, rest, producers, when, crash } =
  settings<OutboxProducerSettings>();
const pool = poolOf(databaseUrl, AT_ONCE);
const clients = watched(pool, crashAt(crash));
const app = new Bulletproof({ redis: redisUrl, prefix, logger: pino({ level: 'silent' }) });

async function place(order: number): Promise<void> {
  if (when === 'before') await app.enqueue(note({ order }));
  const client = await clients.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders (id) VALUES ($1)', [order]);
    if (when === 'with') await enqueueInTransaction(client, note({ order }));
    await client.query(isRolledBack(order) ? 'ROLLBACK' : 'COMMIT');
  } finally {
    client.release();
  }
  if (when === 'after' && !isRolledBack(order)) await app.enqueue(note({ order }));
}

async function placed(tx: Queryable): Promise<Set<number>> {
  const { rows } = await tx.query('SELECT id FROM orders');
  return new Set((rows as { id: number }[]).map(({ id }) => id));
}

async function placeAll(): Promise<void> {
  const known = await placed(pool);
  const numbers = Array.from({ length: orders }, (_, order) => order);
  const left = numbers.filter((order) => order % producers === rest && !known.has(order)).values();
  const lane = async (): Promise<void> => {
    for (const order of left) await place(order);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await app.close();
  await pool.end();
  process.exit(0);
}

play();
await placeAll();
