// Every check of the workspace finds what was planted for it, and nothing where all is well.
import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkDocsExamples, examplesOf } from '../src/checks/docs-examples.mjs';
import { checkErrorCatalogue } from '../src/checks/error-catalogue.mjs';
import { checkImportTypes } from '../src/checks/import-types.mjs';
import { checkKeptLists } from '../src/checks/kept-lists.mjs';
import { checkLuaBindings } from '../src/checks/lua-bindings.mjs';
import { staleOutput } from '../src/checks/stale-output.mjs';
import { checkStandardDialect } from '../src/checks/standard-dialect.mjs';
import { root as workspace } from '../src/workspace.mjs';
import { packageFiles, plant } from './planted-workspace.mjs';

const CATALOGUE = 'docs/reference/errors.md';
const ERRORS = packageFiles('core', {
  'src/errors.ts': `
    export abstract class Base extends Error { abstract readonly code: string }
    export class LateError extends Base { readonly code = 'LATE'; constructor(readonly ms: number) { super('late'); } }
    export class Warning { readonly code: 'OLD' | 'NEW' = 'OLD' as const; }`,
});

describe('error catalogue', () => {
  test('agrees', (t) => {
    const root = plant(t, {
      ...ERRORS,
      [CATALOGUE]: '| code | class |\n|---|---|\n| `LATE` | `LateError` | x |',
    });
    assert.deepEqual(checkErrorCatalogue(root), { seen: '1 classes, 1 rows', problems: [] });
  });

  test('lacks an error of the code', (t) => {
    const root = plant(t, { ...ERRORS, [CATALOGUE]: '# Errors' });
    assert.deepEqual(checkErrorCatalogue(root).problems, [
      `packages/core/src/errors.ts: | LATE | LateError | is not in ${CATALOGUE}`,
    ]);
  });

  test('knows an error, or a class name, that the code does not', (t) => {
    const root = plant(t, {
      ...ERRORS,
      [CATALOGUE]: '| LATE | LateError | x |\n| EARLY | EarlyError | x |',
    });
    assert.deepEqual(checkErrorCatalogue(root).problems, [
      `${CATALOGUE}: | EARLY | EarlyError | is not in the code`,
    ]);
  });

  test('sees one code in two classes', (t) => {
    const twice = packageFiles('kernel', {
      'src/again.ts': "export class TardyError extends Error { readonly code = 'LATE'; }",
    });
    const rows = '| LATE | LateError | x |\n| LATE | TardyError | x |';
    const root = plant(t, { ...ERRORS, ...twice, [CATALOGUE]: rows });
    assert.deepEqual(checkErrorCatalogue(root).problems, [
      'two classes have code LATE',
      `${CATALOGUE}: LATE stands there twice`,
    ]);
  });

  test('is missing', (t) => {
    assert.deepEqual(checkErrorCatalogue(plant(t, ERRORS)).problems, [`${CATALOGUE} is missing`]);
  });
});

describe('examples in the docs', () => {
  const check = (/** @type {import('node:test').TestContext} */ t, /** @type {string} */ page) => {
    const root = plant(t, { 'README.md': page, 'apps/orders/node_modules/.keep': '' });
    symlinkSync(join(workspace, 'node_modules'), join(root, 'node_modules'));
    return checkDocsExamples(root);
  };

  test('compile, hidden and continued ones together', (t) => {
    const page = [
      '<!-- ts',
      "import { setTimeout } from 'node:timers/promises';",
      '-->',
      '```ts continues',
      'const wait = setTimeout(1, "x");',
      '```',
      'prose',
      '```ts continues',
      'export const text: string = await wait;',
      '```',
      '```sh',
      'not TypeScript',
      '```',
    ].join('\n');
    assert.deepEqual(check(t, page), { seen: '1 examples on 1 pages', problems: [] });
  });

  test('that do not compile are reported with their line on the page', (t) => {
    const page = '# Title\n\n```ts\nexport const n: number = "text";\n```\n';
    const { problems } = check(t, page);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^README\.md:4:14: error TS2322/);
  });

  test('are taken apart into examples of their own', () => {
    const examples = examplesOf('```ts\na\n```\n```ts\nb\n```\n```ts continues\nc\n```', 'p.md');
    assert.deepEqual(
      examples.map(({ text }) => text.trim().split(/\n+/)),
      [['a'], ['b', 'c']],
    );
  });
});

test('a type written as import() is found', (t) => {
  const files = packageFiles('core', {
    'src/a.ts': "export type Q = import('bullmq').Queue;",
    'src/b.ts': "export const q = await import('./a.js');",
  });
  assert.deepEqual(checkImportTypes(plant(t, files)).problems, [
    "packages/core/src/a.ts: write import('…') types as import statements",
  ]);
});

test('a file of the standard dialect is compiled with standard decorators', (t) => {
  const legacyOnly = `
    function old(target: object, key: string, descriptor: PropertyDescriptor) { return descriptor; }
    export class A { @old run() {} }`;
  const config = {
    compilerOptions: { noEmit: true, strict: true },
    include: ['packages/*/test/*.standard.test.ts'],
  };
  const root = plant(t, {
    'tsconfig.standard.json': JSON.stringify(config),
    'packages/core/test/a.standard.test.ts': legacyOnly,
  });
  symlinkSync(join(workspace, 'node_modules'), join(root, 'node_modules'));
  assert.match(checkStandardDialect(root).problems.join(), /a\.standard\.test\.ts\(3,.*TS1241/);
});

test('bindings that are not those of the script are found', (t) => {
  const script =
    '--[[\n@script  touch\n@does    Nothing.\n@key     record  string\n@reply   ok\n]]\n';
  const body = "redis.call('TOUCH', record)\nreturn { 'ok' }\n";
  const root = plant(t, packageFiles('core', { 'src/lua/touch.lua': script + body }));
  assert.match(checkLuaBindings(root).problems.join('\n'), /scripts\.generated\.ts is out of date/);
});

test('compiled files without a source are found', (t) => {
  const root = plant(
    t,
    packageFiles('core', {
      'tsconfig.build.json': '{}',
      'src/kept.ts': '',
      'dist/index.js': '',
      'src/index.ts': '',
      'dist/kept.js': '',
      'dist/kept.d.ts.map': '',
      'dist/gone/gone.js': '',
      'dist/gone/gone.d.ts': '',
    }),
  );
  const dist = join(root, 'packages/core/dist');
  assert.ok(existsSync(dist));
  assert.deepEqual(staleOutput(root), [join(dist, 'gone/gone.d.ts'), join(dist, 'gone/gone.js')]);
});

test('a package that a list has forgotten is found', (t) => {
  const engines = { node: '>=20.19.0' };
  const core = {
    name: '@bulletproof/core',
    license: 'MIT',
    type: 'module',
    engines,
    description: 'x',
  };
  const files = {
    'package.json': JSON.stringify({ engines }),
    'tsconfig.json': JSON.stringify({
      references: [{ path: 'packages/core/tsconfig.build.json' }],
    }),
    'packages/core/package.json': JSON.stringify(core),
    'packages/core/tsconfig.build.json': '{}',
    'packages/core/LICENSE': '',
    'packages/core/README.md': '',
  };
  assert.deepEqual(checkKeptLists(plant(t, files)).problems, []);
  const forgotten = {
    ...files,
    'packages/new/package.json': JSON.stringify({
      ...core,
      name: '@bulletproof/new',
      type: 'commonjs',
      description: '',
    }),
    'packages/new/tsconfig.build.json': '{}',
    'packages/new/LICENSE': '',
  };
  assert.deepEqual(checkKeptLists(plant(t, forgotten)).problems, [
    'tsconfig.json: reference packages/new/tsconfig.build.json is missing',
    '@bulletproof/new: type differs from the other packages',
    '@bulletproof/new: README.md is missing',
    '@bulletproof/new: package.json has no description',
  ]);
});
