// What each root command does, once run.mjs has made sure of the dependencies: node commands.mjs <command> [arguments]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { staleOutput } from './checks/stale-output.mjs';
import { sumCounts } from './results.mjs';
import { runStage, verdict } from './stages.mjs';
import { root } from './workspace.mjs';

/** @typedef {import('./stages.mjs').Stage} Stage */

const turbo = ['turbo', 'run'];
const quiet = '--output-logs=errors-only';
/** @type {Record<'build' | 'lint' | 'checks' | 'tests' | 'packages', Stage>} */
const stages = {
  build: { name: 'build', command: [...turbo, 'build', quiet] },
  lint: {
    name: 'lint',
    command: [...turbo, 'lint', quiet, '--continue=dependencies-successful', '--concurrency=2'],
  },
  checks: { name: 'checks', command: ['node', 'packages/tooling/src/checks.mjs'] },
  // Each suite is told what it may use of the machine in jest.base.js; two suites at a time fill two cores.
  tests: {
    name: 'tests',
    command: [...turbo, 'test', '--continue=dependencies-successful', '--concurrency=2'],
  },
  packages: {
    name: 'packages',
    command: ['node', 'packages/tooling/src/node-tests.mjs', 'packages/tooling/package-tests'],
  },
};

/** @type {Record<string, (args: string[]) => number>} */
const commands = {
  build: () => inTurn([stages.build]),
  lint: () => inTurn([stages.build, stages.lint, stages.checks]),
  format: () => inTurn([{ name: 'format', command: ['biome', 'check', '--write', '.'] }]),
  test,
  demo: (args) => inApp('orders', 'dist/demo/main.js', args),
  bench: (args) => inApp('bench', 'dist/main.js', args),
  chaos: (args) => inApp('chaos', 'dist/main.js', args),
};

/**
 * Builds an app with all it needs, then runs a program of it. The program gets what servers it needs by itself: those of REDIS_URL and
 * DATABASE_URL, else own ones.
 * @param {string} app its folder under apps/
 * @param {string} program compiled file in it
 * @param {string[]} args
 * @returns {number} exit status of the program, or 1 when it was not built
 */
function inApp(app, program, args) {
  const build = {
    name: 'build',
    command: [...turbo, 'build', `--filter=${app}...`, quiet],
    silentWhenOk: true, // a page of turbo's words would hide the few lines that were asked for
  };
  const run = { name: app, command: ['node', program, ...args], cwd: `apps/${app}` };
  return inTurn([build, run]);
}

/**
 * Builds, then runs all the rest whatever fails, then adds up.
 * @returns {number} exit status
 */
function test() {
  const folder = mkdtempSync(join(tmpdir(), 'bulletproof-results-'));
  const env = { TEST_RESULTS_DIR: folder };
  try {
    removeStaleOutput();
    const results = [runStage(stages.build, env)];
    if (results[0]?.ok) {
      for (const name of /** @type {const} */ (['lint', 'checks', 'tests', 'packages'])) {
        results.push(runStage(stages[name], env));
      }
    }
    const { lines, ok } = verdict(results, sumCounts(folder));
    process.stdout.write(`\n${lines.join('\n')}\n`);
    return ok ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs stages until one fails.
 * @param {Stage[]} list
 * @returns {number} exit status of the one that failed, or 0
 */
function inTurn(list) {
  removeStaleOutput();
  for (const stage of list) {
    const { ok, status } = runStage(stage);
    if (!ok) return status;
  }
  return 0;
}

/** tsc leaves the output of a source that is gone; it would be packed, and found by imports. */
function removeStaleOutput() {
  for (const file of staleOutput(root)) rmSync(file, { force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.on('SIGINT', () => {}); // as in run.mjs
  const [name = '', ...args] = process.argv.slice(2);
  const command = commands[name];
  if (!command) {
    process.stderr.write(`No command ${name}; there are: ${Object.keys(commands).join(', ')}\n`);
  }
  process.exitCode = command ? command(args) : 2;
}
