import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { Database, Queryable } from '../src/index.js';

/** A database of one test file, empty at first. */
export interface TestDatabase {
  readonly database: Database;
  /** One session, for statements outside of transactions. */
  readonly session: Queryable;
  close(): Promise<void>;
}

/** A database of its own on the real server of the test command. */
export async function serverDatabase(): Promise<
  Omit<TestDatabase, 'database'> & { readonly database: pg.Pool }
> {
  const url = new URL(process.env.TEST_DATABASE_URL ?? '');
  const name = `bulletproof_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client(url.href);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 20 });
  pool.on('error', () => {}); // connections that a test cuts
  return {
    database: pool,
    session: pool,
    close: async () => {
      await pool.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** PostgreSQL within this process. */
export async function embeddedDatabase(): Promise<TestDatabase & { readonly database: PGlite }> {
  const database = await PGlite.create();
  return { database, session: database, close: () => database.close() };
}

/** Both kinds, for `describe.each`. */
export const KINDS: readonly (readonly [string, () => Promise<TestDatabase>])[] = [
  ['PGlite', embeddedDatabase],
  ['a PostgreSQL server', serverDatabase],
];
