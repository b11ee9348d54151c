import { randomBytes } from 'node:crypto';
import { migrate } from '@bulletproof/postgres';
import { ensurePostgres } from '@bulletproof/tooling/postgres';
import pg from 'pg';
import type { Stage } from '../conductor/stage.js';

/** A database of a scenario's own. */
export interface Database {
  readonly url: string;
  readonly pool: pg.Pool;
}

/** Makes a database with our tables and that of the scenario; it ends with the stage. */
export async function openDatabase(stage: Stage, tables: string): Promise<Database> {
  const server = await ensurePostgres();
  stage.atEnd(() => server.stop());
  const name = `chaos_${randomBytes(6).toString('hex')}`;
  const admin = poolOf(server.url);
  stage.atEnd(async () => {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.end();
  });
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const pool = poolOf(url.href);
  stage.atEnd(() => pool.end());
  await migrate(pool);
  await pool.query(tables);
  return { url: url.href, pool };
}

/** Connections to a database; those that break are made anew. */
export function poolOf(url: string, max = 10): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', () => {}); // an idle one was cut off
  return pool;
}
