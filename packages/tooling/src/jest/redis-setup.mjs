// One Redis for one test command: started here, found by the tests in TEST_REDIS_URL. TEST_RUN_ID is in every prefix that the
// test-kit gives, so that a server that was given is left as clean as it was.
import { randomBytes } from 'node:crypto';
import { removeKeys } from '../redis/remove-keys.mjs';
import { ensureRedis } from '../redis.mjs';

/** @type {import('../redis.d.mts').RedisServer | undefined} */
let server;
const runId = randomBytes(6).toString('hex');

export default async function setup() {
  server = await ensureRedis();
  process.env.TEST_REDIS_URL = server.url;
  process.env.TEST_RUN_ID = runId;
}

/** Ends what `setup` has started, or cleans up; Jest loads this module once for both. */
export async function stopRedis() {
  if (server?.owned === false) await removeKeys(server.url, runId);
  await server?.stop();
}
