// A PostgreSQL for people and for tests: the one in DATABASE_URL, or a server of our own that cannot outlive us.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { untilPostgresAnswers } from './postgres/answers.mjs';

/** @typedef {import('./postgres.d.mts').PostgresServer} PostgresServer */

const START_DEADLINE_MS = 60_000;
const GIVEN_SERVER_DEADLINE_MS = 3_000;
const PORT = 5432;

/** @returns {Promise<PostgresServer>} */
export async function ensurePostgres() {
  const given = process.env.DATABASE_URL;
  return given ? givenServer(given) : ownServer();
}

/**
 * @param {string} url
 * @returns {Promise<PostgresServer>}
 */
async function givenServer(url) {
  const address = addressOf(url);
  await untilPostgresAnswers(address, GIVEN_SERVER_DEADLINE_MS).catch((cause) => {
    const where = 'path' in address ? address.path : `${address.host}:${address.port}`;
    throw new Error(
      `DATABASE_URL points to ${where}, but no PostgreSQL answers there: ${cause.message}. ` +
        'Start that server, or unset DATABASE_URL and one is started for you.',
      { cause },
    );
  });
  return { url, owned: false, stop: async () => {} };
}

/**
 * A host that begins with a slash is the folder of a Unix socket; clients take it as `?host=`, too.
 * @param {string} url
 * @returns {{ host: string, port: number } | { path: string }}
 */
function addressOf(url) {
  let parsed;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new Error(
      'DATABASE_URL is not a URL; expected something like postgres://user:password@127.0.0.1:5432/database.',
      { cause },
    );
  }
  const { protocol, hostname, searchParams } = parsed;
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    throw new Error(
      `DATABASE_URL must start with postgres:// or postgresql://, not ${protocol}//.`,
    );
  }
  const port = Number(parsed.port || (searchParams.get('port') ?? PORT));
  const host = searchParams.get('host') ?? (decodeURIComponent(hostname) || 'localhost');
  return host.startsWith('/')
    ? { path: join(host, `.s.PGSQL.${port}`) }
    : { host: host.replace(/^\[|\]$/g, ''), port };
}

/** @returns {Promise<PostgresServer>} */
async function ownServer() {
  const keeper = fork(new URL('./postgres/keeper.mjs', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    detached: true, // Ctrl-C goes to our process group, and who handles it may still need the database
  });
  const exited = new Promise((done) => {
    keeper.once('exit', done);
  });
  /** @type {string} */
  const url = await new Promise((ready, failed) => {
    const timer = setTimeout(() => {
      keeper.kill('SIGTERM');
      failed(new Error(`PostgreSQL did not start within ${START_DEADLINE_MS} ms.`));
    }, START_DEADLINE_MS);
    keeper.once('message', (said) => {
      clearTimeout(timer);
      const message = /** @type {{ url?: string; reason?: string }} */ (said);
      if (message.url !== undefined) ready(message.url);
      else failed(new Error(`PostgreSQL did not start: ${message.reason ?? 'no reason given'}`));
    });
    void exited.then(() => {
      clearTimeout(timer);
      failed(new Error('PostgreSQL did not start: its keeper ended.'));
    });
  });
  keeper.unref();
  keeper.channel?.unref();
  return {
    url,
    owned: true,
    stop: async () => {
      keeper.ref();
      if (keeper.exitCode === null && keeper.signalCode === null) {
        keeper.kill('SIGTERM');
        await exited;
      }
    },
  };
}
