// A Redis for people and for tests: the one in REDIS_URL, or a server of our own that cannot outlive us.

import { findServer } from './redis/find.mjs';
import { installServer } from './redis/install.mjs';
import { ping } from './redis/ping.mjs';
import { launch } from './redis/server.mjs';

/** @typedef {import('./redis.d.mts').RedisServer} RedisServer */
/** @typedef {import('./redis.d.mts').RedisServerOptions} RedisServerOptions */

const GIVEN_SERVER_DEADLINE_MS = 5_000;

/**
 * @param {RedisServerOptions} [options]
 * @returns {Promise<RedisServer>}
 */
export async function ensureRedis(options = {}) {
  const given = process.env.REDIS_URL;
  if (given) return givenServer(given);
  return startRedis(options);
}

/**
 * @param {RedisServerOptions} [options]
 * @returns {Promise<RedisServer>}
 */
export async function startRedis(options = {}) {
  const program = (await findServer()) ?? (await installServer());
  return launch(program, options);
}

/**
 * @param {string} url
 * @returns {Promise<RedisServer>}
 */
async function givenServer(url) {
  const { hostname, port } = parse(url);
  await ping(url, GIVEN_SERVER_DEADLINE_MS).catch((cause) => {
    throw new Error(
      `REDIS_URL points to ${hostname}:${port || 6379}, but nothing usable answers there: ${cause.message}. ` +
        'Start that server, or unset REDIS_URL and one is started for you.',
      { cause },
    );
  });
  const refuse = async () => {
    throw new Error('This Redis was given by REDIS_URL: only its owner may kill or restart it.');
  };
  return {
    url,
    host: hostname,
    port: Number(port || 6379),
    pid: undefined,
    dir: undefined,
    owned: false,
    stop: async () => {},
    kill: refuse,
    restart: refuse,
  };
}

/** @param {string} url */
function parse(url) {
  let parsed;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new Error('REDIS_URL is not a URL; expected something like redis://127.0.0.1:6379.', {
      cause,
    });
  }
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:') {
    throw new Error(`REDIS_URL must start with redis:// or rediss://, not ${parsed.protocol}//.`);
  }
  return parsed;
}
