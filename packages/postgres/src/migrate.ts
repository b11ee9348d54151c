import { readdir, readFile } from 'node:fs/promises';
import { type Database, database, transact } from './database.js';
import type { Queryable } from './queryable.js';

/** One migration: plain SQL, applied once, in the order of names. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

const folder = new URL('../migrations/', import.meta.url);
// Any fixed number: two processes that start together must not migrate together.
const LOCK = 20_261_126;

/** All migrations, for a user's own migration tool. */
export async function migrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(new URL(name, folder), 'utf8') })),
  );
}

/**
 * Applies the migrations that are missing, all or none, in the schema that the connection sees first; gives their names. Any number of processes may call it at once.
 * @throws InvalidOptionError (`INVALID_OPTION`) for what is neither a pool nor a PGlite
 */
export async function migrate(db: Database): Promise<readonly string[]> {
  const all = await migrations();
  return transact(database(db, 'migrate database'), async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query(
      'CREATE TABLE IF NOT EXISTS bulletproof_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await tx.query('SELECT name FROM bulletproof_migrations');
    const done = new Set((rows as { name: string }[]).map(({ name }) => name));
    const missing = all.filter(({ name }) => !done.has(name));
    for (const { name, sql } of missing) {
      await script(tx, sql);
      await tx.query('INSERT INTO bulletproof_migrations (name) VALUES ($1)', [name]);
    }
    return missing.map(({ name }) => name);
  });
}

/** Several statements: PGlite has a method of its own for them, `pg` takes them without parameters. */
async function script(tx: Queryable, sql: string): Promise<void> {
  if ('exec' in tx && typeof tx.exec === 'function') await tx.exec(sql);
  else await tx.query(sql);
}
