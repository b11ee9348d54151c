// Runs a command with the pnpm pinned in package.json, on a machine that only has node and npm.
// 1. picks `pnpm` from PATH when it is the pinned version, else `npx -y pnpm@<pin>`
// 2. installs with --frozen-lockfile when node_modules is older than the lockfile or missing
// 3. runs the command with node_modules/.bin and pnpm itself on PATH (turbo calls `pnpm run`)
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const pin = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
const args = process.argv.slice(2);
const env = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  NODE_MAJOR: process.versions.node.split('.')[0], // in turbo's hash: results of node 20 are not replayed on 22
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};
const shell = process.platform === 'win32';
const quote = (s) => (/^[\w@%+=:,./-]+$/.test(s) ? s : JSON.stringify(s));

const found = spawnSync('pnpm', ['--version'], { cwd: root, env, shell, encoding: 'utf8' });
const direct = found.status === 0 && `pnpm@${found.stdout.trim()}` === pin;

const marker = join(root, 'node_modules', '.modules.yaml');
const stale =
  !existsSync(marker) || statSync(marker).mtimeMs < statSync(join(root, 'pnpm-lock.yaml')).mtimeMs;

const steps = [];
if (stale) steps.push('pnpm install --frozen-lockfile');
if (args[0] !== '--install-only') steps.push(args.map(quote).join(' '));
if (steps.length === 0) process.exit(0);
const line = steps.join(' && ');

const run = direct
  ? spawnSync(line, { cwd: root, env, stdio: 'inherit', shell: true })
  : spawnSync('npx', ['-y', '-p', pin, '-c', shell ? JSON.stringify(line) : line], {
      cwd: root,
      env,
      stdio: 'inherit',
      shell,
    });
process.exit(run.status ?? 1);
