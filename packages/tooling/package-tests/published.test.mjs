// What would be published is right: entry points, types, contents. publint and are-the-types-wrong read the tarballs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { plant } from '../test/planted-workspace.mjs';
import { packPublic, run, temporaryFolder } from './pack.mjs';

const require = createRequire(import.meta.url);
const attwFolder = dirname(require.resolve('@arethetypeswrong/cli/package.json'));
const attw = join(attwFolder, require('@arethetypeswrong/cli/package.json').bin.attw);

/** @param {string} tarball */
function typesProblems(tarball) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [attw, tarball, '--profile', 'esm-only', '--no-color', '--format', 'ascii'],
    { encoding: 'utf8' },
  );
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** @param {string} tarball */
async function entryProblems(tarball) {
  const bytes = readFileSync(tarball);
  const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: archive }, strict: true });
  return messages.map((message) => formatMessage(message, pkg) ?? message.code);
}

/** @param {string} tarball */
function contents(tarball) {
  return execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
}

/** @param {string} tarball */
function manifest(tarball) {
  return JSON.parse(
    execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }),
  );
}

for (const { name, tarball } of packPublic(temporaryFolder('packed'))) {
  test(`${name}: publint finds nothing`, async () => {
    assert.deepEqual(await entryProblems(tarball), []);
  });

  test(`${name}: the types are right, as an ESM-only package`, () => {
    assert.equal(typesProblems(tarball), '');
  });

  test(`${name}: holds its built files, README and licence, and nothing else`, () => {
    const files = contents(tarball);
    for (const file of [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/index.js',
      'dist/index.d.ts',
    ]) {
      assert.ok(files.includes(`package/${file}`), `${file} is missing`);
    }
    const others = files.filter(
      (file) =>
        !/^package\/(?:package\.json|README\.md|LICENSE|migrations\/\w+\.sql|dist\/.*\.(?:js|d\.ts)(?:\.map)?)$/.test(
          file,
        ),
    );
    assert.deepEqual(others, []);
  });

  test(`${name}: needs no package that npm does not have`, () => {
    const { dependencies = {}, peerDependencies = {} } = manifest(tarball);
    for (const [dependency, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
      assert.match(range, /^[\^~>=\d. |<]+$/, `${dependency}: ${range}`);
    }
  });
}

test('negative control: a package with wrong entry points and types is found', async (t) => {
  const folder = plant(t, {
    'package.json': JSON.stringify({
      name: 'wrong',
      version: '1.0.0',
      type: 'module',
      main: './missing.js',
      exports: { '.': { default: './index.js', types: './index.d.cts' } },
    }),
    'index.js': 'export const a = 1;',
    'index.d.cts': 'export declare const a: number;',
  });
  run(['npm', 'pack', '--silent'], [], folder);
  const tarball = join(folder, 'wrong-1.0.0.tgz');
  const found = (await entryProblems(tarball)).join('\n');
  assert.match(found, /missing\.js/);
  assert.match(found, /types.*first/i);
  assert.notEqual(typesProblems(tarball), '');
});
