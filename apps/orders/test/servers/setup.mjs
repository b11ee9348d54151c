// One Redis and one PostgreSQL for one test command; tests find them in TEST_REDIS_URL and TEST_DATABASE_URL.
import base from '../../../../jest.base.js';
import { ensurePostgres } from '../../dist/database/ensure-postgres.js';

export default async function setup() {
  const { default: startRedis } = await import(base.globalSetup);
  await startRedis();
  const server = await ensurePostgres();
  process.env.TEST_DATABASE_URL = server.url;
  Object.assign(globalThis, { ordersTestPostgres: server });
}
