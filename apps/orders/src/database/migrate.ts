import { readdir, readFile } from 'node:fs/promises';
import { migrations as bulletproofMigrations, type Migration } from '@bulletproof/postgres';
import type { Film } from '../catalogue/films.js';
import type { Database, Statements } from './database.js';

const folder = new URL('../../migrations/', import.meta.url);
// Any fixed number: two processes that start together must not migrate together.
const LOCK = 20_261_124;

/** Brings the schema up to date with the tables of `@bulletproof/postgres` and the `.sql` files of `migrations/`, in that order, each once. */
export async function migrate(db: Database): Promise<string[]> {
  const all = [...(await ofBulletproof()), ...(await ownMigrations())];
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query(`CREATE SCHEMA IF NOT EXISTS ${db.schema}`);
    await tx.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const rows = await tx.query<{ name: string }>('SELECT name FROM migrations');
    const done = new Set(rows.map(({ name }) => name));
    const missing = all.filter(({ name }) => !done.has(name));
    for (const { name, sql } of missing) {
      await tx.query(sql);
      await tx.query('INSERT INTO migrations (name) VALUES ($1)', [name]);
    }
    return missing.map(({ name }) => name);
  });
}

/** Named apart from our own. */
async function ofBulletproof(): Promise<Migration[]> {
  const files = await bulletproofMigrations();
  return files.map(({ name, sql }) => ({ name: `bulletproof/${name}`, sql }));
}

async function ownMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(new URL(name, folder), 'utf8') })),
  );
}

/** Puts the films on sale; those that are known keep their price and stock. */
export async function stockCatalogue(tx: Statements, films: readonly Film[]): Promise<void> {
  await tx.query(
    `WITH film AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS f (id, title, price_cents, units)
     ), added AS (
       INSERT INTO films (id, title, price_cents) SELECT id, title, price_cents FROM film
       ON CONFLICT (id) DO NOTHING RETURNING id
     )
     INSERT INTO stock (film_id, initial_units, units)
     SELECT id, units, units FROM film JOIN added USING (id)`,
    [
      films.map(({ id }) => id),
      films.map(({ title }) => title),
      films.map(({ priceCents }) => priceCents),
      films.map(({ units }) => units),
    ],
  );
}
