// Runs payments. The first run of each loses its connection at a boundary of its transaction; the process may be killed at one.
import { Bulletproof, defineJob, type JobContext } from '@bulletproof/core';
import { onceInTransaction, type Pool, type PoolClient } from '@bulletproof/postgres';
import { pino } from 'pino';
import { type Crash, crashAt, cut, isAt, watched } from '../postgres/boundaries.js';
import { poolOf } from '../postgres/database.js';
import { CUTS, type Payment, payOptions } from '../work/paid-once.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

/** What a payer is told. */
export interface PayerSettings extends RoleSettings {
  readonly databaseUrl: string;
  /** Records the effect in Redis, after its commit, instead of within its transaction. */
  readonly inRedis: boolean;
  readonly crash?: Crash;
}

const SLOTS = 10;

const { databaseUrl, redisUrl, prefix, inRedis, crash } = settings<PayerSettings>();
const pool = poolOf(databaseUrl, SLOTS);
const mortal = watched(pool, crashAt(crash));
const app = new Bulletproof({
  redis: redisUrl,
  prefix,
  lease: '2s',
  logger: pino({ level: 'silent' }),
});

/** Connections that a run has; the first attempt's is cut off at the payment's own boundary, if it comes there. */
function poolFor({ order }: Payment, { attempt }: JobContext): Pool {
  const cutAt = CUTS[order % CUTS.length];
  if (attempt > 1 || !cutAt) return mortal;
  return watched(mortal, (boundary, client) => {
    if (!isAt(boundary, cutAt)) return;
    cut(client);
    // What was asked is done or not; the answer does not come.
    if (boundary.when === 'after') throw new Error('the connection is lost');
  });
}

async function payIn(client: PoolClient, { order }: Payment): Promise<number> {
  await client.query('INSERT INTO payments (order_id) VALUES ($1)', [order]);
  return order;
}

async function transaction(from: Pool, work: (client: PoolClient) => Promise<number>) {
  const client = await from.connect();
  const onError = (): void => {}; // the query that it breaks tells
  client.on?.('error', onError);
  let isWell = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    isWell = true;
    return result;
  } finally {
    client.release(!isWell);
  }
}

app.register(
  defineJob(payOptions, (payment: Payment, job): Promise<number> => {
    const from = poolFor(payment, job);
    if (inRedis) {
      return job.step('pay', () => transaction(from, (client) => payIn(client, payment)));
    }
    return transaction(from, (client) =>
      onceInTransaction(client, job, 'pay', () => payIn(client, payment)),
    );
  }),
);
await app.work({ queues: { default: SLOTS } });
process.on('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .finally(() => process.exit(0));
});
play();
