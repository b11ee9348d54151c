import { randomBytes } from 'node:crypto';
import type { Film } from '../../src/catalogue/films.js';
import { Database } from '../../src/database/database.js';
import { migrate, stockCatalogue } from '../../src/database/migrate.js';

/** Three films that tests sell: many, few, and one copy. */
export const FILMS: readonly Film[] = [
  { id: 'film-many', title: 'Many', priceCents: 999, units: 1_000 },
  { id: 'film-few', title: 'Few', priceCents: 1_999, units: 3 },
  { id: 'film-one', title: 'One', priceCents: 2_999, units: 1 },
];

/** A schema of its own on the test command's PostgreSQL. */
export interface TestDatabase {
  db: Database;
  url: string;
  schema: string;
  /** How many copies of a film are left. */
  unitsOf(film: string): Promise<number>;
  /** Calls in the outbox, oldest first. */
  enqueued(): Promise<{ job: string; input: { orderId: string } }[]>;
  /** Names of what happened to an order, oldest first. */
  eventsOf(orderId: string): Promise<string[]>;
  /** Removes the schema and disconnects. */
  drop(): Promise<void>;
}

/** Makes a schema, migrated and with films on sale. Drop it at the end. */
export async function testDatabase(): Promise<TestDatabase> {
  const url = process.env.TEST_DATABASE_URL;
  if (!url)
    throw new Error('TEST_DATABASE_URL is not set: run the tests with this jest.config.js.');
  const schema = `orders_test_${randomBytes(4).toString('hex')}`;
  const db = new Database(url, schema);
  await migrate(db);
  await stockCatalogue(db, FILMS);
  return {
    db,
    url,
    schema,
    async unitsOf(film) {
      const [row] = await db.query<{ units: number }>(
        'SELECT units FROM stock WHERE film_id = $1',
        [film],
      );
      return row?.units ?? Number.NaN;
    },
    async enqueued() {
      const rows = await db.query<{ call: string }>(
        'SELECT call FROM bulletproof_outbox ORDER BY id',
      );
      return rows.map(({ call }) => JSON.parse(call));
    },
    async eventsOf(orderId) {
      const rows = await db.query<{ event: string }>(
        'SELECT event FROM audit WHERE order_id = $1 ORDER BY id',
        [orderId],
      );
      return rows.map(({ event }) => event);
    },
    async drop() {
      await db.query(`DROP SCHEMA ${schema} CASCADE`);
      await db.close();
    },
  };
}
