import type { Bulletproof } from '@bulletproof/core';
import { enqueueInTransaction, migrate, OutboxRelay } from '@bulletproof/postgres';
import pg from 'pg';
import type { Input } from '../input.js';
import { jobOf, open } from './ours.js';
import { type Place, QUEUE, type Side } from './side.js';

/** How many calls are written with one commit where many are written. */
const A_COMMIT = 500;

/** Bulletproof, with enqueues that belong to transactions. The relay runs beside the handlers, as in an application. */
export const outbox: Side = {
  async producer(place) {
    const { pool } = await openTables(place);
    const job = jobOf(place, () => undefined);
    const write = async (inputs: readonly Input[]): Promise<void> => {
      const client = await pool.connect();
      await client.query('BEGIN');
      for (const input of inputs) await enqueueInTransaction(client, job(input));
      await client.query('COMMIT');
      client.release();
    };
    return {
      add: (input) => write([input]),
      async addMany(inputs) {
        const all = [...inputs];
        for (let at = 0; at < all.length; at += A_COMMIT) await write(all.slice(at, at + A_COMMIT));
      },
      close: () => pool.end(),
    };
  },

  async worker(place, concurrency, run) {
    const tables = await openTables(place);
    const app = open(place);
    app.register(jobOf(place, run));
    await app.work({ queues: { [QUEUE]: concurrency } });
    const relay = relayInto(app, tables).start();
    return {
      async close() {
        await relay.close();
        await app.close();
        await tables.drop();
      },
    };
  },
};

/** A database with the outbox, in a schema of the measurement's own. */
export interface Tables {
  readonly pool: pg.Pool;
  /** Removes the schema and disconnects. */
  drop(): Promise<void>;
}

/** Connects; makes the tables where they are not there yet. */
export async function openTables({ databaseUrl, prefix }: Place): Promise<Tables> {
  const schema = prefix.replaceAll('-', '_');
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 4,
    options: `-c search_path=${schema}`,
  });
  await pool.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await migrate(pool);
  return {
    pool,
    async drop() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

/** A relay that is not started. */
export function relayInto(app: Bulletproof, { pool }: Tables, batch?: number): OutboxRelay {
  return new OutboxRelay({ app, database: pool, ...(batch === undefined ? {} : { batch }) });
}
