// The packages as a stranger gets them: tarballs, installed with npm outside the workspace, from ESM and CommonJS, plain and typed
// with the TypeScript that is most used and with the newest, under both decorator dialects.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { removeKeys } from '../src/redis/remove-keys.mjs';
import { ensureRedis } from '../src/redis.mjs';
import { root } from '../src/workspace.mjs';
import { packPublic, run, temporaryFolder } from './pack.mjs';

/** A Redis that was given has seen earlier runs; and it is left as clean as it was. */
const prefix = `packages-${randomBytes(6).toString('hex')}`;
const here = fileURLToPath(new URL('consumer/', import.meta.url));
const home = temporaryFolder('consumer');
const EXPECTED = { result: 'charged 42', runs: 1, deduplicated: true, typed: true };
const BASE = {
  target: 'ES2022',
  lib: ['ES2023'],
  strict: true,
  esModuleInterop: true,
  types: ['node'],
  rootDir: '.',
};
const COMPILERS = [
  { folder: 'typescript-5', version: '5.9.3' },
  { folder: 'typescript-7', version: '7.0.2' },
];
const LEGACY = { experimentalDecorators: true, emitDecoratorMetadata: true };

/** @typedef {{ files: string[], module: 'commonjs' | 'module', options: object, only?: string }} Configuration */

/**
 * `only`: the compiler that has this resolution; the others have not yet, or no longer.
 * @type {Record<string, Configuration>}
 */
const CONFIGURATIONS = {
  'CommonJS by the old resolution, legacy decorators': {
    files: ['app.ts', 'nest-app.ts'],
    module: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10', ...LEGACY, skipLibCheck: true },
    only: 'typescript-5',
  },
  'CommonJS by the old resolution, standard decorators': {
    files: ['app.ts'],
    module: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10', skipLibCheck: true },
    only: 'typescript-5',
  },
  'CommonJS by the bundlers’ resolution, legacy decorators': {
    files: ['app.ts', 'nest-app.ts'],
    module: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'bundler', ...LEGACY, skipLibCheck: true },
    only: 'typescript-7',
  },
  'CommonJS by nodenext, legacy decorators': {
    files: ['app.ts', 'nest-app.ts'],
    module: 'commonjs',
    options: { module: 'nodenext', ...LEGACY, skipLibCheck: false }, // who checks libraries finds no fault in ours
  },
  'ESM by nodenext, legacy decorators': {
    files: ['app.ts', 'nest-app.ts'],
    module: 'module',
    options: { module: 'nodenext', ...LEGACY, skipLibCheck: true },
  },
  'ESM by nodenext, standard decorators': {
    files: ['app.ts'],
    module: 'module',
    options: { module: 'nodenext', skipLibCheck: true },
  },
};

/** @type {import('../src/redis.d.mts').RedisServer} */
let redis;

before(async () => {
  redis = await ensureRedis();
  installPackages();
});
after(async () => {
  if (!redis.owned) await removeKeys(redis.url, prefix);
  await redis.stop();
});

function installPackages() {
  const packed = packPublic(home).map(({ name, tarball }) => [name, `file:${tarball}`]);
  const tested = catalog();
  const names = ['@nestjs/common', '@nestjs/core', 'bullmq', 'ioredis', 'reflect-metadata', 'rxjs'];
  const dependencies = {
    ...Object.fromEntries(packed),
    ...Object.fromEntries(names.map((name) => [name, tested[name]])),
    '@types/node': '20.19.43',
    ...Object.fromEntries(
      COMPILERS.map(({ folder, version }) => [folder, `npm:typescript@${version}`]),
    ),
  };
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies }));
  run(
    ['npm', 'install'],
    ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'],
    home,
  );
}

/** @returns {Record<string, string>} the versions that the workspace itself is tested with */
function catalog() {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split('\n');
  const entries = lines.flatMap((line) => {
    const [, name, version] = /^ {2}"?([^":\s]+)"?: (\d\S*)$/.exec(line) ?? [];
    return name && version ? [[name, version]] : [];
  });
  return Object.fromEntries(entries);
}

/**
 * @param {string} file
 * @param {string} label distinguishes its keys from those of the other applications
 */
function start(file, label) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, `${prefix}-${label}`], {
    cwd: home,
    encoding: 'utf8',
    env: { ...process.env, REDIS_URL: redis.url },
  });
  assert.equal(status, 0, stderr);
  // The lines before are the app's log: this Redis keeps nothing on disk, which it is told.
  return { report: JSON.parse(stdout.split('\n').at(-1) ?? ''), stderr };
}

describe('JavaScript', () => {
  for (const file of ['esm-app.mjs', 'cjs-app.cjs']) {
    test(`${file} runs, and Node warns of nothing`, () => {
      copyFileSync(join(here, file), join(home, file));
      const { report, stderr } = start(file, file);
      assert.deepEqual(report, EXPECTED);
      assert.equal(stderr, '');
    });
  }
});

for (const { folder: compiler, version } of COMPILERS) {
  describe(`TypeScript ${version}`, () => {
    for (const [name, configuration] of Object.entries(CONFIGURATIONS)) {
      const { files, only = compiler } = configuration;
      if (only !== compiler) continue;
      test(name, () => {
        const label = `${compiler}-${name}`.replaceAll(/[^\w-]+/g, '-');
        const folder = compile(label, compiler, configuration);
        for (const file of files) {
          const { report } = start(join(folder, 'out', file.replace('.ts', '.js')), label + file);
          assert.deepEqual(report, EXPECTED, file);
        }
      });
    }

    test('a wrong input and an unknown option do not compile', () => {
      const configuration = CONFIGURATIONS['ESM by nodenext, legacy decorators'];
      assert.ok(configuration);
      const unmarked = (/** @type {string} */ text) => text.replaceAll('@ts-expect-error', '');
      assert.throws(
        () => compile(`${compiler}-wrong`, compiler, configuration, unmarked),
        /app\.ts\(\d+,\d+\): error TS2322.*app\.ts\(\d+,\d+\): error TS2561/s,
      );
    });
  });
}

/**
 * @param {string} label
 * @param {string} compiler folder under node_modules
 * @param {Configuration} configuration
 * @param {(text: string) => string} [edit] changes the sources
 * @returns {string} the folder of the compiled application
 */
function compile(label, compiler, { files, module, options }, edit = (text) => text) {
  const folder = join(home, label);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: module }));
  for (const file of files) {
    writeFileSync(join(folder, file), edit(readFileSync(join(here, file), 'utf8')));
  }
  const compilerOptions = { ...BASE, ...options, outDir: 'out' };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(home, 'node_modules', compiler, 'bin/tsc');
  run([process.execPath, tsc], ['-p', '.', '--pretty', 'false'], folder);
  return folder;
}
