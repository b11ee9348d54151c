// PING over a plain socket, so that the tooling needs no Redis client.
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const RETRY_MS = 10;

/**
 * Resolves when a Redis answers at the URL, or asks for a password, which proves as much.
 * Refused connections and `LOADING` are tried again until the deadline.
 * @param {string} url
 * @param {number} deadlineMs
 */
export async function ping(url, deadlineMs) {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const left = until - Date.now();
    const answer = await once(url, Math.max(left, 1)).catch((error) => error);
    if (typeof answer === 'string' && /^(\+PONG|-NOAUTH|-NOPERM)/.test(answer)) return;
    if (Date.now() + RETRY_MS >= until) {
      throw answer instanceof Error ? answer : new Error(`it answers ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/**
 * @param {string} url
 * @param {number} timeoutMs
 * @returns {Promise<string>}
 */
function once(url, timeoutMs) {
  const { protocol, hostname, port } = new URL(url);
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
  return new Promise((resolve, reject) => {
    const socket = protocol === 'rediss:' ? connectTls(target) : connect(target);
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
    socket.once('data', (bytes) => done(() => resolve(bytes.toString().trim())));
    socket.write('PING\r\n');
  });
}
