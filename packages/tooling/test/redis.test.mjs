import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findServer } from '../src/redis/find.mjs';
import { waysOf } from '../src/redis/install.mjs';
import { removeKeys } from '../src/redis/remove-keys.mjs';
import { ensureRedis, startRedis } from '../src/redis.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * @param {number} port
 * @param {string} command
 */
async function ask(port, command) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${command}\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer).trim();
}

/** @param {number} port */
function answers(port) {
  return ask(port, 'PING').then(
    (answer) => /^(?:\+PONG|-NOAUTH)/.test(answer),
    () => false,
  );
}

/** @param {number} port */
async function untilSilent(port) {
  const end = Date.now() + 10_000;
  while (await answers(port)) assert.ok(Date.now() < end, `port ${port} still answers`);
}

describe('a server of our own', () => {
  test('answers, lies in its own folder, and is gone after stop', async () => {
    const server = await startRedis();
    assert.equal(await ask(server.port, 'PING'), '+PONG');
    assert.match(await ask(server.port, 'CONFIG GET dir'), new RegExp(server.dir ?? 'no dir'));
    assert.equal(server.owned, true);
    await server.stop();
    assert.equal(server.pid, undefined);
    assert.equal(await answers(server.port), false);
    assert.equal(existsSync(server.dir ?? '/'), false);
  });

  test('takes arguments, keeps what it has in a folder that was given, on the same port', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'bulletproof-kept-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const server = await startRedis({
      dir,
      args: ['--appendonly', 'yes', '--appendfsync', 'always'],
    });
    t.after(() => server.stop());
    const { port, pid } = server;
    assert.equal(await ask(port, 'SET kept yes'), '+OK');
    await server.kill();
    assert.equal(server.pid, undefined);
    await assert.rejects(server.kill(), /not running/);
    await server.restart();
    assert.notEqual(server.pid, pid);
    assert.equal(server.port, port);
    assert.match(await ask(port, 'GET kept'), /yes/);
    await server.stop();
    assert.equal(existsSync(join(dir, 'appendonlydir')), true);
  });

  test('says what the server said when it does not start', async () => {
    await assert.rejects(startRedis({ args: ['--no-such-setting', '1'] }), /no-such-setting/);
  });

  test('does not take another server for its own when its port is taken', async (t) => {
    const other = await startRedis();
    t.after(() => other.stop());
    await assert.rejects(startRedis({ port: other.port }), /taken/);
    assert.equal(await ask(other.port, 'PING'), '+PONG');
  });

  test('has the password in its URL', async (t) => {
    const server = await startRedis({ args: ['--requirepass', 'a b'] });
    t.after(() => server.stop());
    assert.equal(server.url, `redis://:a%20b@127.0.0.1:${server.port}`);
    assert.match(await ask(server.port, 'GET a'), /^-NOAUTH/);
  });

  test('many at once get ports of their own', async () => {
    const servers = await Promise.all(Array.from({ length: 8 }, () => startRedis()));
    assert.equal(new Set(servers.map(({ port }) => port)).size, 8);
    await Promise.all(servers.map((server) => server.stop()));
  });

  for (const how of /** @type {const} */ (['SIGKILL', 'SIGTERM', 'SIGINT', 'end'])) {
    test(`does not outlive its starter: ${how}`, async (t) => {
      const starter = spawn(process.execPath, [join(here, 'fixtures/redis-starter.mjs')], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      t.after(() => starter.kill('SIGKILL'));
      const [line] = await once(starter.stdout, 'data');
      const { port, dir } = JSON.parse(String(line));
      assert.equal(await answers(port), true);
      if (how === 'end') starter.stdin.end();
      else starter.kill(how);
      await once(starter, 'exit');
      await untilSilent(port);
      const end = Date.now() + 10_000;
      while (existsSync(dir)) {
        assert.ok(Date.now() < end, `${dir} is still there`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  }
});

describe('REDIS_URL', () => {
  const given = process.env.REDIS_URL;
  before(() => delete process.env.REDIS_URL);
  after(() => {
    if (given !== undefined) process.env.REDIS_URL = given;
  });

  test('is used, never stopped, killed or restarted', async (t) => {
    const theirs = await startRedis({ args: ['--requirepass', 'secret'] });
    t.after(() => theirs.stop());
    process.env.REDIS_URL = theirs.url;
    t.after(() => delete process.env.REDIS_URL);
    const server = await ensureRedis();
    assert.equal(server.url, theirs.url);
    assert.equal(server.owned, false);
    await server.stop();
    await assert.rejects(server.kill(), /REDIS_URL/);
    await assert.rejects(server.restart(), /REDIS_URL/);
    assert.equal(await answers(theirs.port), true);
    const own = await startRedis();
    assert.notEqual(own.port, theirs.port);
    await own.stop();
  });

  test('is cleaned of the keys of a test command, of no others', async (t) => {
    const theirs = await startRedis();
    t.after(() => theirs.stop());
    for (const key of ['a-0f3c1:x', '{a-0f3c1}:y', 'b-0f3c1', 'other']) {
      await ask(theirs.port, `SET ${key} 1`);
    }
    assert.equal(await removeKeys(theirs.url, '0f3c1'), 3);
    assert.match(await ask(theirs.port, 'KEYS *'), /^\*1\r\n\$5\r\nother$/);
    await ask(theirs.port, 'CONFIG SET requirepass a:b');
    const login = `redis://:${encodeURIComponent('a:b')}@127.0.0.1:${theirs.port}/0`;
    assert.equal(await removeKeys(login, 'other'), 1);
    await assert.rejects(removeKeys(theirs.url, 'other'), /NOAUTH/);
  });

  test('that leads nowhere is an error that names it', async (t) => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (closed.address());
    closed.close();
    await once(closed, 'close');
    process.env.REDIS_URL = `redis://127.0.0.1:${port}`;
    t.after(() => delete process.env.REDIS_URL);
    await assert.rejects(ensureRedis(), new RegExp(`REDIS_URL points to 127.0.0.1:${port}`));
  });

  for (const url of ['localhost', 'http://localhost:6379']) {
    test(`that is no Redis URL is refused: ${url}`, async (t) => {
      process.env.REDIS_URL = url;
      t.after(() => delete process.env.REDIS_URL);
      await assert.rejects(ensureRedis(), /redis:\/\//);
    });
  }
});

describe('a machine without a server', () => {
  test('installs with what it has, best first', () => {
    const machine = {
      root: false,
      apt: false,
      dpkg: false,
      flock: false,
      sudo: false,
      brew: false,
    };
    const debian = { ...machine, apt: true, dpkg: true, flock: true };
    assert.deepEqual(waysOf({ ...debian, root: true }), ['apt', 'apt-unpack']);
    assert.deepEqual(waysOf({ ...debian, sudo: true }), ['apt-sudo', 'apt-unpack']);
    assert.deepEqual(waysOf(debian), ['apt-unpack']);
    assert.deepEqual(waysOf({ ...machine, brew: true }), ['brew']);
    assert.deepEqual(waysOf(machine), []);
  });

  test('takes redis-server or valkey-server from PATH, else from the cache of an unpacked one', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'bulletproof-path-'));
    t.after(() => rmSync(folder, { recursive: true }));
    assert.equal(await findServer(folder, folder), undefined);
    writeFileSync(join(folder, 'valkey-server'), '#!/bin/sh\n', { mode: 0o755 });
    assert.equal((await findServer(folder, folder))?.command, join(folder, 'valkey-server'));
    writeFileSync(join(folder, 'redis-server'), '#!/bin/sh\n', { mode: 0o755 });
    assert.equal((await findServer(folder, folder))?.command, join(folder, 'redis-server'));
  });
});
