// Brings a Redis server onto a machine that has none, by the means that the machine has, and says so.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, findServer, which } from './find.mjs';

/** @typedef {import('./find.mjs').ServerProgram} ServerProgram */
/** @typedef {'apt' | 'apt-sudo' | 'apt-unpack' | 'brew'} Way */
/** @typedef {{ root: boolean, apt: boolean, dpkg: boolean, flock: boolean, sudo: boolean, brew: boolean }} Machine */

const PACKAGE = 'redis-server';
const CHOICES = `Choose one:
  - set REDIS_URL to a Redis 6.2 or newer (or Valkey) that you have, such as redis://127.0.0.1:6379
  - install one so that redis-server or valkey-server is on PATH:
      Debian, Ubuntu   apt-get install redis-server
      Fedora           dnf install valkey
      Alpine           apk add redis
      macOS            brew install redis
  - run one in a container: docker run --rm -p 6379:6379 redis:7, then set REDIS_URL`;

/** @returns {Promise<ServerProgram>} */
export async function installServer() {
  const ways = waysOf(await lookAround());
  const failures = [];
  for (const way of ways) {
    try {
      await METHODS[way]();
      const found = await findServer();
      if (found) return found;
      failures.push(`${way}: finished, but no server program is there`);
    } catch (error) {
      failures.push(`${way}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const tried = failures.length > 0 ? `Tried to install one:\n${failures.join('\n')}\n` : '';
  throw new Error(
    `No redis-server or valkey-server on PATH, and REDIS_URL is not set.\n${tried}${CHOICES}`,
  );
}

/**
 * What can be tried on a machine, best first.
 * @param {Machine} machine
 * @returns {Way[]}
 */
export function waysOf({ root, apt, dpkg, flock, sudo, brew }) {
  /** @type {Way[]} */
  const ways = [];
  if (apt && flock) {
    if (root) ways.push('apt');
    else if (sudo) ways.push('apt-sudo');
    if (dpkg) ways.push('apt-unpack');
  }
  if (brew && !root) ways.push('brew'); // brew refuses to run as root
  return ways;
}

/** @returns {Promise<Machine>} */
async function lookAround() {
  const has = async (/** @type {string} */ name) => (await which(name)) !== undefined;
  return {
    root: process.getuid?.() === 0,
    apt: await has('apt-get'),
    dpkg: await has('dpkg'),
    flock: await has('flock'),
    sudo:
      (await has('sudo')) &&
      (await run('sudo', ['-n', 'true']).then(
        () => true,
        () => false,
      )),
    brew: await has('brew'),
  };
}

/** @type {Record<Way, () => Promise<void>>} */
const METHODS = {
  apt: () => aptInstall([]),
  'apt-sudo': () => aptInstall(['sudo', '-n']),
  'apt-unpack': aptUnpack,
  async brew() {
    say('installing redis with brew');
    await run('brew', ['install', 'redis']);
  },
};

/** @param {string[]} prefix */
async function aptInstall(prefix) {
  say(`installing Debian's ${PACKAGE} with apt-get`);
  await locked(join(tmpdir(), 'bulletproof-redis-install.lock'), [
    // Another process may have installed it while this one waited for the lock.
    `command -v ${PACKAGE} >/dev/null && exit 0`,
    `${prefix.join(' ')} apt-get update -qq || true`,
    `${prefix.join(' ')} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
-o DPkg::Lock::Timeout=120 ${PACKAGE}`,
  ]);
}

/** Without root: an own package index, the missing packages, unpacked beside node_modules. */
async function aptUnpack() {
  say(`no root: unpacking Debian's ${PACKAGE} into node_modules/.cache`);
  await mkdir(join(cacheFolder, 'lists/partial'), { recursive: true });
  await mkdir(join(cacheFolder, 'archives/partial'), { recursive: true });
  const fresh = join(cacheFolder, `root-${process.pid}`);
  const settings = `-o Dir::State::lists='${cacheFolder}/lists' -o Dir::Cache='${cacheFolder}' -o APT::Sandbox::User=`;
  await locked(join(cacheFolder, 'install.lock'), [
    `[ -x '${cacheFolder}/root/usr/bin/${PACKAGE}' ] && exit 0`,
    `apt-get ${settings} update -qq`,
    `names=$(apt-get ${settings} install -s --no-install-recommends ${PACKAGE} | awk '/^Inst /{print $2}')`,
    `rm -rf '${fresh}' && mkdir -p '${fresh}/debs' && cd '${fresh}/debs'`,
    `apt-get ${settings} download -qq $names`,
    `for deb in *.deb; do dpkg -x "$deb" '${fresh}'; done`,
    // The finished folder appears at once, so that nobody runs a half unpacked server.
    `rm -rf '${fresh}/debs' '${cacheFolder}/root' && mv '${fresh}' '${cacheFolder}/root'`,
  ]);
}

/**
 * Runs shell lines under a lock that the kernel frees when its holder ends, however it ends.
 * @param {string} lock
 * @param {string[]} lines
 */
function locked(lock, lines) {
  return run('flock', ['-w', '300', lock, 'sh', '-ec', lines.join('\n')]);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (/** @type {Buffer} */ text) => {
      output = (output + text).slice(-4_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${code}: ${output.trim()}`));
    });
  });
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`redis: no redis-server or valkey-server on PATH; ${what}\n`);
}
