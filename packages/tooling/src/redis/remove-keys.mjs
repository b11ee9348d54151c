// Takes away what tests have left in a Redis that was given, over a plain socket.
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const TIMEOUT_MS = 30_000;
const SCRIPT = `
local cursor, removed = '0', 0
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do removed = removed + redis.call('UNLINK', key) end
until cursor == '0'
return removed`;

/**
 * Removes all keys that contain the text.
 * @param {string} url
 * @param {string} text without the characters that have a meaning in a pattern of SCAN
 * @returns {Promise<number>} how many there were
 */
export async function removeKeys(url, text) {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const commands = [['EVAL', SCRIPT, '0', `*${text}*`]];
  const database = pathname.slice(1);
  if (database) commands.unshift(['SELECT', database]);
  if (password) {
    const user = username ? [decodeURIComponent(username)] : [];
    commands.unshift(['AUTH', ...user, decodeURIComponent(password)]);
  }
  const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
  const socket = protocol === 'rediss:' ? connectTls(target) : connect(target);
  try {
    const replies = await talk(socket, commands);
    const refused = replies.find((reply) => reply.startsWith('-'));
    if (refused)
      throw new Error(`The keys of the tests stay in ${target.host}: ${refused.slice(1)}`);
    return Number(replies.at(-1)?.slice(1));
  } finally {
    socket.destroy();
  }
}

/**
 * Each of the commands is answered with one line.
 * @param {import('node:net').Socket} socket
 * @param {string[][]} commands
 * @returns {Promise<string[]>}
 */
function talk(socket, commands) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setTimeout(TIMEOUT_MS, () => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('Redis closed the connection')));
    socket.on('data', (bytes) => {
      text += bytes;
      const lines = text.split('\r\n').slice(0, -1);
      if (lines.length >= commands.length) resolve(lines);
    });
    for (const words of commands) {
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join('')}`);
    }
  });
}
