import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { untilPostgresAnswers } from '../src/postgres/answers.mjs';
import { ensurePostgres } from '../src/postgres.mjs';

const starterFile = fileURLToPath(new URL('fixtures/postgres-starter.mjs', import.meta.url));
const given = process.env.DATABASE_URL;
before(() => delete process.env.DATABASE_URL);
after(() => {
  if (given !== undefined) process.env.DATABASE_URL = given;
});

/** @param {string} url */
function addressOf(url) {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}

/** @param {string} url */
function isThere(url) {
  return untilPostgresAnswers(addressOf(url), 500).then(
    () => true,
    () => false,
  );
}

test('a server of our own answers, and is gone after stop', async () => {
  const server = await ensurePostgres();
  assert.equal(server.owned, true);
  assert.equal(await isThere(server.url), true);
  await server.stop();
  assert.equal(await isThere(server.url), false);
});

for (const how of /** @type {const} */ (['SIGKILL', 'end'])) {
  test(`a server of our own does not outlive its starter, nor does its folder: ${how}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'bulletproof-starter-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, 0o711); // started by root, the server runs as the user postgres
    const starter = spawn(process.execPath, [starterFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    });
    t.after(() => starter.kill('SIGKILL'));
    const [line] = await once(starter.stdout, 'data');
    const { url } = JSON.parse(String(line));
    assert.equal(await isThere(url), true);
    if (how === 'end') starter.stdin.end();
    else starter.kill(how);
    await once(starter, 'exit');
    const end = Date.now() + 20_000;
    while (readdirSync(folder).length > 0) {
      assert.ok(Date.now() < end, `${readdirSync(folder).join()} is still there`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await isThere(url), false);
  });
}

describe('DATABASE_URL', () => {
  const ensureAt = async (/** @type {string} */ url) => {
    process.env.DATABASE_URL = url;
    try {
      return await ensurePostgres();
    } finally {
      delete process.env.DATABASE_URL;
    }
  };

  test('is used, and never stopped', async (t) => {
    const theirs = await ensurePostgres();
    t.after(() => theirs.stop());
    const server = await ensureAt(theirs.url);
    assert.equal(server.url, theirs.url);
    assert.equal(server.owned, false);
    await server.stop();
    assert.equal(await isThere(theirs.url), true);
  });

  test('that leads nowhere is an error that names the place and not the password', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (closed.address());
    closed.close();
    await once(closed, 'close');
    await assert.rejects(ensureAt(`postgres://u:secret@127.0.0.1:${port}/d`), ({ message }) => {
      assert.match(message, new RegExp(`DATABASE_URL points to 127.0.0.1:${port}, .*refused`, 'i'));
      assert.doesNotMatch(message, /secret/);
      return true;
    });
  });

  test('that leads to another kind of server is an error', async (t) => {
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'));
    t.after(() => other.close());
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
    await assert.rejects(ensureAt(`postgres://127.0.0.1:${port}/d`), /no PostgreSQL answers.*HTTP/);
  });

  test('may name a Unix socket', async () => {
    const problem = /points to \/nowhere\/\.s\.PGSQL\.5433,/;
    const urls = ['postgres:///d?host=/nowhere&port=5433', 'postgres://%2Fnowhere:5433/d'];
    await Promise.all(urls.map((url) => assert.rejects(ensureAt(url), problem)));
  });

  for (const url of ['localhost', 'mysql://localhost/d']) {
    test(`that is no PostgreSQL URL is refused: ${url}`, async () => {
      await assert.rejects(ensureAt(url), /postgres:\/\//);
    });
  }
});
