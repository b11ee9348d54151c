// One Redis and one PostgreSQL for one test command; tests find them in TEST_REDIS_URL and TEST_DATABASE_URL.
import { ensurePostgres } from '../postgres.mjs';
import startRedis, { stopRedis } from './redis-setup.mjs';

/** @type {import('../postgres.d.mts').PostgresServer | undefined} */
let postgres;

export default async function setup() {
  await startRedis();
  postgres = await ensurePostgres();
  process.env.TEST_DATABASE_URL = postgres.url;
}

/** Ends what `setup` has started; Jest loads this module once for both. */
export async function stopServers() {
  await Promise.all([postgres?.stop(), stopRedis()]);
}
