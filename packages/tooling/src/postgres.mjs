// A PostgreSQL for people and for tests: the one in DATABASE_URL, or a server of our own that cannot outlive us.
import { fork } from 'node:child_process';

/** @typedef {import('./postgres.d.mts').PostgresServer} PostgresServer */

const START_DEADLINE_MS = 60_000;

/** @returns {Promise<PostgresServer>} */
export async function ensurePostgres() {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, owned: false, stop: async () => {} };
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
