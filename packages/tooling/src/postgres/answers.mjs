// Asks a PostgreSQL over a plain socket whether it is there, so that the tooling needs no client.
import { connect } from 'node:net';

const RETRY_MS = 50;
// The start of every encrypted connection; any PostgreSQL answers `S` or `N`.
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Resolves when a PostgreSQL answers at the address. Where nobody answers it tries again until the deadline; another answer is the wrong server.
 * @param {{ host: string, port: number } | { path: string }} address
 * @param {number} deadlineMs
 */
export async function untilPostgresAnswers(address, deadlineMs) {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const left = Math.max(until - Date.now(), 1);
    const answer = await once(address, left).catch((error) => error);
    if (answer === 'S' || answer === 'N') return;
    if (!(answer instanceof Error)) throw new Error(`it answers ${JSON.stringify(answer)}`);
    if (Date.now() + RETRY_MS >= until) throw answer;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/**
 * @param {{ host: string, port: number } | { path: string }} address
 * @param {number} timeoutMs
 * @returns {Promise<string>}
 */
function once(address, timeoutMs) {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const done = (/** @type {() => void} */ settle) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => {
      done(() => reject(new Error(`no answer within ${timeoutMs} ms`)));
    }, timeoutMs);
    socket.once('error', (error) => done(() => reject(error)));
    socket.once('close', () => done(() => reject(new Error('it closed the connection'))));
    socket.once('data', (bytes) => done(() => resolve(bytes.toString('latin1'))));
    socket.write(SSL_REQUEST);
  });
}
