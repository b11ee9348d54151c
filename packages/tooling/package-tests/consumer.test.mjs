// The packages as a stranger gets them: tarballs, installed with npm outside the workspace, from ESM and CommonJS, plain and typed
// with the TypeScript that is most used, under both decorator dialects.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ensureRedis } from '../src/redis.mjs';
import { root } from '../src/workspace.mjs';
import { packPublic, run, temporaryFolder } from './pack.mjs';

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
const LEGACY = { experimentalDecorators: true, emitDecoratorMetadata: true };
/** @type {Record<string, { files: string[], module: 'commonjs' | 'module', options: object }>} */
const CONFIGURATIONS = {
  'CommonJS by the old resolution, legacy decorators': {
    files: ['app.ts', 'nest-app.ts'],
    module: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10', ...LEGACY, skipLibCheck: true },
  },
  'CommonJS by the old resolution, standard decorators': {
    files: ['app.ts'],
    module: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10', skipLibCheck: true },
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
after(() => redis.stop());

function installPackages() {
  const packed = packPublic(home).map(({ name, tarball }) => [name, `file:${tarball}`]);
  const tested = catalog();
  const names = ['@nestjs/common', '@nestjs/core', 'bullmq', 'ioredis', 'reflect-metadata', 'rxjs'];
  const dependencies = {
    ...Object.fromEntries(packed),
    ...Object.fromEntries(names.map((name) => [name, tested[name]])),
    '@types/node': '20.19.43',
    typescript: '5.9.3',
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
 * @param {string} [prefix]
 */
function start(file, prefix = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, prefix], {
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
      const { report, stderr } = start(file);
      assert.deepEqual(report, EXPECTED);
      assert.equal(stderr, '');
    });
  }
});

describe('TypeScript 5.9', () => {
  for (const [index, [name, { files, module, options }]] of Object.entries(
    CONFIGURATIONS,
  ).entries()) {
    test(name, () => {
      const folder = join(home, `typed-${index}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: module }));
      for (const file of files) copyFileSync(join(here, file), join(folder, file));
      const compilerOptions = { ...BASE, ...options, outDir: 'out' };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      const tsc = join(home, 'node_modules/typescript/bin/tsc');
      run([process.execPath, tsc], ['-p', '.', '--pretty', 'false'], folder);
      for (const file of files) {
        const { report } = start(
          join(folder, 'out', file.replace('.ts', '.js')),
          `${index}-${file}`,
        );
        assert.deepEqual(report, EXPECTED, file);
      }
    });
  }
});
