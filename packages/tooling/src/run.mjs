// The root commands on a machine that has Node and npm only: node run.mjs <command> [arguments]
// 1. takes `pnpm` from PATH when it is the pinned version, else gets it through npx
// 2. installs what the lockfile says when node_modules is missing or older than it
// 3. runs the command with pnpm and node_modules/.bin on PATH (turbo calls pnpm)
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const pin = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
const windows = process.platform === 'win32';
const [command = 'bootstrap', ...args] = process.argv.slice(2);
const env = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  NODE_MAJOR: process.versions.node.split('.')[0], // in turbo's hash: a result of Node 20 is no result of Node 22
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};

/** @param {string} word */
function quote(word) {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return windows ? JSON.stringify(word) : `'${word.replaceAll("'", "'\\''")}'`;
}

function pinnedPnpmOnPath() {
  const found = spawnSync('pnpm', ['--version'], {
    cwd: root,
    env,
    shell: windows,
    encoding: 'utf8',
  });
  return found.status === 0 && `pnpm@${found.stdout.trim()}` === pin;
}

function installIsStale() {
  const marker = join(root, 'node_modules', '.modules.yaml');
  const lockfile = join(root, 'pnpm-lock.yaml');
  return !existsSync(marker) || statSync(marker).mtimeMs < statSync(lockfile).mtimeMs;
}

// Ctrl-C reaches everyone in the terminal's process group. What was started cleans up first; we wait for it and pass its status on.
process.on('SIGINT', () => {});

const steps = [];
if (installIsStale()) steps.push('pnpm install --frozen-lockfile');
if (command !== 'bootstrap') {
  const program = ['node', 'packages/tooling/src/commands.mjs', command, ...args];
  steps.push(program.map(quote).join(' '));
}
if (steps.length > 0) {
  const line = steps.join(' && ');
  const [program, words] = pinnedPnpmOnPath()
    ? [line, []]
    : ['npx', ['-y', '-p', pin, '-c', windows ? JSON.stringify(line) : line]];
  const shell = windows || words.length === 0;
  const { status } = spawnSync(program, words, { cwd: root, env, stdio: 'inherit', shell });
  process.exitCode = status ?? 1;
}
