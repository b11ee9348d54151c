// One Redis for one test command: started here, found by the tests in TEST_REDIS_URL.
import { ensureRedis } from '../redis.mjs';

/** @type {import('../redis.d.mts').RedisServer | undefined} */
let server;

export default async function setup() {
  server = await ensureRedis();
  process.env.TEST_REDIS_URL = server.url;
}

/** Ends what `setup` has started; Jest loads this module once for both. */
export async function stopRedis() {
  await server?.stop();
}
