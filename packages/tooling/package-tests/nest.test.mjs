// Nest applications of both majors as a stranger has them: our tarballs, installed with npm outside the workspace, compiled to
// CommonJS and to ESM with the TypeScript that Nest uses; and a test of the application's own under its own stock Jest.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { removeKeys } from '../src/redis/remove-keys.mjs';
import { ensureRedis } from '../src/redis.mjs';
import { packPublic, run, temporaryFolder } from './pack.mjs';

const here = fileURLToPath(new URL('consumer/', import.meta.url));
const prefix = `nest-${randomBytes(6).toString('hex')}`;
const EXPECTED = { result: 'charged 42', runs: 1, deduplicated: true, typed: true };
const MODULES = /** @type {const} */ (['commonjs', 'module']);
const COMPILER_OPTIONS = {
  target: 'ES2023',
  module: 'nodenext',
  strict: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  types: ['node', 'jest'],
};
/** As Jest's guide for TypeScript and ESM has it; nothing in it is about us. */
const JEST = {
  preset: 'ts-jest/presets/default-esm',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
};

/** @type {import('../src/redis.d.mts').RedisServer} */
let redis;
/** @type {ReturnType<typeof packPublic>} */
let packed;

before(async () => {
  redis = await ensureRedis();
  packed = packPublic(temporaryFolder('nest-packed'));
});
after(async () => {
  if (!redis.owned) await removeKeys(redis.url, prefix);
  await redis.stop();
});

for (const major of [11, 12]) {
  describe(`Nest ${major}`, () => {
    const home = temporaryFolder(`nest-${major}`);

    before(() => install(home, major));

    for (const module of MODULES) {
      test(`an application in ${module === 'module' ? 'ESM' : 'CommonJS'} finds its jobs, runs them and closes`, () => {
        const folder = write(home, module, 'nest-app.ts');
        const tsc = join(home, 'node_modules/typescript/bin/tsc');
        run([process.execPath, tsc], ['-p', '.', '--pretty', 'false'], folder);
        const label = `${prefix}-${major}-${module}`;
        const { status, stdout, stderr } = spawnSync(process.execPath, ['out/nest-app.js', label], {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, REDIS_URL: redis.url },
        });
        assert.equal(status, 0, stderr);
        assert.deepEqual(JSON.parse(stdout.split('\n').at(-1) ?? ''), EXPECTED);
      });
    }

    test('a test of its own passes under its own stock Jest', () => {
      const folder = write(home, 'module', 'nest-jobs.spec.ts');
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--experimental-vm-modules', join(home, 'node_modules/jest/bin/jest.js')],
        {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, REDIS_URL: redis.url, PREFIX: `${prefix}-${major}-jest` },
        },
      );
      assert.equal(status, 0, stdout + stderr);
      assert.match(stderr, /Tests: +1 passed, 1 total/);
    });
  });
}

/**
 * @param {string} home
 * @param {number} major
 */
function install(home, major) {
  const nest = ['common', 'core', 'testing', 'platform-express'];
  // One of the two has no breakers: what is optional may be missing.
  const ours = packed.filter(({ name }) => major > 11 || name !== '@bulletproof/breaker');
  const dependencies = {
    ...Object.fromEntries(ours.map(({ name, tarball }) => [name, `file:${tarball}`])),
    ...Object.fromEntries(nest.map((name) => [`@nestjs/${name}`, `^${major}.0.0`])),
    '@types/jest': '^30.0.0',
    '@types/node': '20.19.43',
    bullmq: '*',
    ioredis: '*',
    jest: '^30.0.0',
    'reflect-metadata': '^0.2.2',
    rxjs: '^7.8.0',
    'ts-jest': '^29.4.0',
    typescript: '5.9.3',
  };
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  run(['npm', 'install'], quietly, home);
}

/**
 * An application of one file.
 * @param {string} home
 * @param {'commonjs' | 'module'} type
 * @param {string} file
 * @returns {string} its folder
 */
function write(home, type, file) {
  const folder = join(home, `${type}-${file.replace('.ts', '')}`);
  mkdirSync(folder);
  copyFileSync(join(here, file), join(folder, file));
  const compilerOptions = { ...COMPILER_OPTIONS, rootDir: '.', outDir: 'out' };
  const files = [file];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type, jest: JEST }));
  return folder;
}
