// Runs the parts of a root command and says in the end how each went.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './workspace.mjs';

/** @typedef {{ name: string, command: string[], cwd?: string, silentWhenOk?: boolean }} Stage */
/** @typedef {{ name: string, ok: boolean, status: number, seconds: number }} StageResult */
/** @typedef {import('./results.mjs').Counts} Counts */

/**
 * @param {Stage} stage
 * @param {Record<string, string>} [env] more variables
 * @returns {StageResult}
 */
export function runStage({ name, command, cwd = '.', silentWhenOk = false }, env = {}) {
  const [program = '', ...args] = command;
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: join(root, cwd),
    env: { ...process.env, ...env },
    stdio: silentWhenOk ? 'pipe' : 'inherit',
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  });
  if (error) process.stderr.write(`${program}: ${error.message}\n`);
  if (status !== 0 && silentWhenOk) process.stderr.write([stdout, stderr].join(''));
  const seconds = (performance.now() - start) / 1_000;
  return { name, ok: status === 0, status: status ?? 1, seconds };
}

/**
 * The closing lines; the last one is `N passed, N failed, N skipped`. A stage that failed without a failed test, such as a build that
 * does not compile, is one failure.
 * @param {StageResult[]} results
 * @param {Counts} counts
 */
export function verdict(results, counts) {
  const broken = results.filter(({ ok }) => !ok);
  const failed =
    counts.failed === 0 && counts.passed === 0 && broken.length === 0 ? 1 : counts.failed;
  const others = broken.filter(({ name }) => !TESTING.has(name)).length;
  const silent = broken.length > 0 && failed + others === 0 ? 1 : 0;
  const total = failed + others + silent;
  const table = results.map(
    ({ name, ok, seconds }) => `${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`,
  );
  const sum = `${counts.passed} passed, ${total} failed, ${counts.skipped} skipped`;
  return { lines: [...table, sum], ok: total === 0 };
}

const TESTING = new Set(['tests', 'packages']);
