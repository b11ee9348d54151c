// Runs one Redis server as a child that cannot outlive this process.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { guardian } from './guardian.mjs';
import { ping } from './ping.mjs';

/** @typedef {import('./find.mjs').ServerProgram} ServerProgram */
/** @typedef {import('../redis.d.mts').RedisServer} RedisServer */
/** @typedef {import('../redis.d.mts').RedisServerOptions} RedisServerOptions */
/** @typedef {{ pid: number, exited: Promise<void>, running: boolean, signal(signal: NodeJS.Signals): Promise<void> }} Running */

const HOST = '127.0.0.1';
const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 5_000;
const ENDING = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT']);
// Below the range that the kernel gives to outgoing connections (from 32768), so that none of them
// takes the port while a killed server is about to come back on it.
const FIRST_PORT = 20_000;
const PORTS = 10_000;

class PortTaken extends Error {}

/**
 * @param {ServerProgram} program
 * @param {RedisServerOptions} options
 * @returns {Promise<RedisServer>}
 */
export async function launch(program, { args = [], dir: wanted, port: wantedPort }) {
  const dir = wanted ? resolve(wanted) : await mkdtemp(join(tmpdir(), 'bulletproof-redis-'));
  await mkdir(dir, { recursive: true });
  const guard = guardian(wanted ? '' : dir);
  const cleanUp = async () => {
    guard.end();
    if (!wanted) await rm(dir, { recursive: true, force: true });
  };
  const start = (/** @type {number} */ at) => run(program, { args, dir, port: at, guard });

  const password = args[args.indexOf('--requirepass') + 1];
  const login = args.includes('--requirepass') ? `:${encodeURIComponent(password ?? '')}@` : '';
  /** @type {{ port: number, running: Running }} */
  let current;
  try {
    current = wantedPort
      ? { port: wantedPort, running: await start(wantedPort) }
      : await onFreePort(start);
  } catch (error) {
    await cleanUp();
    throw error;
  }
  const { port } = current;
  let { running } = current;
  let restarting = Promise.resolve();

  const stopProcess = async () => {
    if (!running.running) return;
    await running.signal('SIGCONT'); // a paused server would not see SIGTERM
    const timer = setTimeout(() => void running.signal('SIGKILL'), STOP_DEADLINE_MS);
    await running.signal('SIGTERM');
    clearTimeout(timer);
  };
  const again = async () => {
    await stopProcess();
    running = await whenPortIsFree(() => start(port));
  };
  return {
    url: `redis://${login}${HOST}:${port}`,
    host: HOST,
    port,
    get pid() {
      return running.running ? running.pid : undefined;
    },
    dir,
    owned: true,
    async stop() {
      await restarting.catch(() => {});
      await stopProcess();
      await cleanUp();
    },
    async kill(signal = 'SIGKILL') {
      if (!running.running) throw new Error(`The Redis on port ${port} is not running.`);
      await running.signal(signal);
    },
    restart() {
      restarting = restarting.catch(() => {}).then(again);
      return restarting;
    },
  };
}

/**
 * Nobody can hold a port for a program that binds it by itself. So: guess, look, start, and guess again when the
 * server says that somebody was faster.
 * @param {(port: number) => Promise<Running>} start
 */
async function onFreePort(start) {
  for (let tries = 1; ; tries += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (!(await bindable(port))) continue;
    try {
      return { port, running: await start(port) };
    } catch (error) {
      if (!(error instanceof PortTaken) || tries >= 20) throw error;
    }
  }
}

/**
 * @param {() => Promise<Running>} start
 * @returns {Promise<Running>}
 */
async function whenPortIsFree(start) {
  const until = Date.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof PortTaken) || Date.now() > until) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

/** @param {number} port */
function bindable(port) {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, HOST, () => probe.close(() => done(true)));
  });
}

/**
 * @param {ServerProgram} program
 * @param {{ args: readonly string[], dir: string, port: number, guard: import('./guardian.mjs').Guardian }} options
 * @returns {Promise<Running>}
 */
async function run(program, { args, dir, port, guard }) {
  const ours = ['--bind', HOST, '--port', String(port), '--dir', dir, '--daemonize', 'no'];
  // Readiness is read from the log, so the log must come to us and say it.
  const log = ['--logfile', '', '--loglevel', 'notice'];
  const child = spawn(
    program.command,
    ['--save', '', '--appendonly', 'no', ...args, ...ours, ...log],
    {
      env: { ...process.env, ...program.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C goes to our process group: who handles it may still need its Redis
    },
  );
  let output = '';
  /** @type {(value: void) => void} */
  let onReady = () => {};
  const ready = new Promise((done) => {
    onReady = done;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output = (output + text).slice(-20_000);
      if (/ready to accept connections/i.test(output)) onReady();
    });
  }
  /** @type {Running} */
  const running = {
    pid: child.pid ?? -1,
    running: child.pid !== undefined,
    exited: new Promise((done) => {
      const ended = () => {
        running.running = false;
        guard.rest();
        done();
      };
      child.once('exit', ended);
      child.once('error', (error) => {
        output += error.message;
        ended();
      });
    }),
    async signal(signal) {
      child.ref(); // whoever waits for the end must not end first
      child.kill(signal);
      if (ENDING.has(signal)) await running.exited;
      child.unref();
    },
  };
  if (child.pid !== undefined) guard.watch(child.pid);

  const timer = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  await Promise.race([ready, running.exited]);
  clearTimeout(timer);
  if (!running.running) {
    if (/address already in use/i.test(output)) throw new PortTaken(`Port ${port} is taken.`);
    throw new Error(`${program.command} did not start:\n${output.trim()}`);
  }
  await ping(`redis://${HOST}:${port}`, START_DEADLINE_MS);
  child.unref();
  for (const stream of [child.stdout, child.stderr]) {
    if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
  return running;
}
