// The linter finds what the rule book forbids: a planted violation of each rule that we rely on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { root as workspace } from '../src/workspace.mjs';
import { plant } from './planted-workspace.mjs';

const SUITE = "import { expect, it } from '@jest/globals';\n";
/** @type {[rule: string, file: string, text: string][]} */
const PLANTED = [
  ['max-lines', 'src/long.ts', `${'// line\n'.repeat(300)}export const n = 1;`],
  [
    'max-params',
    'src/params.ts',
    'export const f = (...a: 1[]) => a;\nexport const g = (a: 1, b: 1, c: 1, d: 1, e: 1) => f(a, b, c, d, e);',
  ],
  ['no-default-export', 'src/default.ts', 'export default 1;'],
  ['no-explicit-any', 'src/any.ts', 'export const f = (a: any) => a;'],
  ['ban-ts-comment', 'src/ignore.ts', '// @ts-ignore\nexport const a: string = 1;'],
  ['no-cycle', 'src/circle.ts', "import { b } from './back.js';\nexport const a = () => b;"],
  ['filename-case', 'src/camelCase.ts', 'export const a = 1;'],
  [
    'no-floating-promises',
    'src/floating.ts',
    "import { rm } from 'node:fs/promises';\nexport const f = () => { rm('x'); };",
  ],
  [
    'no-restricted-globals',
    'test/sleep.ts',
    'export const wait = () => new Promise((r) => setTimeout(r, 5));',
  ],
  [
    'no-restricted-imports',
    'test/nap.ts',
    "import { setTimeout } from 'node:timers/promises';\nexport const s = setTimeout;",
  ],
  ['no-focused-tests', 'test/only.test.ts', `${SUITE}it.only('x', () => { expect(1).toBe(1); });`],
  ['no-disabled-tests', 'test/skip.test.ts', `${SUITE}it.skip('x', () => { expect(1).toBe(1); });`],
];
const COMPILER_OPTIONS = { module: 'NodeNext', types: ['node'], strict: true };
const FINE = {
  'tsconfig.json': JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['src', 'test'] }),
  'src/back.ts': "import { a } from './circle.js';\nexport const b = () => a;",
  'src/circle.ts': 'export const a = 1;',
  'src/scripts.generated.ts': `${'// line\n'.repeat(400)}export const a = 1;`,
  'src/exactly.ts': `${'// line\n'.repeat(299)}export const n = 1;`,
  'test/fine.test.ts': `${SUITE}it('x', () => { expect(1).toBe(1); });`,
};

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files
 * @returns {string[]} lines such as `src/a.ts:1:1: message [Error/rule]`
 */
function lint(t, files) {
  const root = plant(t, { ...FINE, ...files });
  symlinkSync(join(workspace, 'node_modules'), join(root, 'node_modules'));
  copyFileSync(join(workspace, '.oxlintrc.json'), join(root, '.oxlintrc.json'));
  const PATH = [join(workspace, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const { stdout } = spawnSync('oxlint', ['--type-aware', '--format', 'unix', 'src', 'test'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH },
  });
  return stdout.split('\n').filter((line) => /:\d+:\d+:/.test(line));
}

test('nothing is reported where no rule is broken', (t) => {
  assert.deepEqual(lint(t, {}), []);
});

test('a planted violation of each rule is reported', async (t) => {
  const found = lint(t, Object.fromEntries(PLANTED.map(([, file, text]) => [file, text])));
  for (const [rule, file] of PLANTED) {
    await t.test(rule, () => {
      const lines = found.filter((line) => line.startsWith(`${file}:`));
      assert.match(lines.join('\n'), new RegExp(`\\b${rule}\\b`));
    });
  }
});
