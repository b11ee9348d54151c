// One Redis for one test command: started here, found by the tests in TEST_REDIS_URL.
import { ensureRedis } from '../redis.mjs';

export default async function setup() {
  const server = await ensureRedis();
  process.env.TEST_REDIS_URL = server.url;
  Object.assign(globalThis, { bulletproofTestRedis: server });
}
