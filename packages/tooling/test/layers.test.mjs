import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerRules } from '../src/checks/layer-rules.mjs';
import { checkLayers } from '../src/checks/layers.mjs';
import { install, packageFiles, plant } from './planted-workspace.mjs';

/** @type {Record<string, [string, string, Record<string, string>?]>} by rule: a file, the import in it that breaks the rule, and further files that it takes. */
const PLANTED = {
  'no circles of imports': [
    'packages/core/src/job/a.ts',
    "import type { B } from './b.js';",
    { 'packages/core/src/job/b.ts': "import { a } from './a.js';" },
  ],
  'imports must resolve': ['packages/core/src/job/a.ts', "import { x } from './missing.js';"],
  'the kernel imports nothing of the workspace': [
    'packages/kernel/src/a.ts',
    "import type { App } from '@bulletproof/core';",
  ],
  'core imports the kernel only': [
    'packages/core/src/runtime/a.ts',
    "export { fire } from '@bulletproof/breaker';",
  ],
  'the breaker knows nothing of jobs: it imports the kernel only': [
    'packages/breaker/src/a.ts',
    "import '@bulletproof/core';",
  ],
  'the test-kit is below all packages: it imports the tooling only': [
    'packages/test-kit/src/a.ts',
    "import { clock } from '@bulletproof/kernel';",
  ],
  'faces and bridges import core, breaker and kernel only': [
    'packages/nestjs/src/a.ts',
    "import { until } from '@bulletproof/test-kit';",
  ],
  'other packages and apps are imported by their public entry points': [
    'apps/orders/src/a.ts',
    "import { deep } from '../../../packages/core/src/job/deep.js';",
    { 'packages/core/src/job/deep.ts': 'export const deep = 1;' },
  ],
  'sources do not import tests': [
    'packages/core/src/job/a.ts',
    "import { fake } from '../../test/fake.js';",
    { 'packages/core/test/fake.ts': 'export const fake = 1;' },
  ],
  'packages and apps do not import apps': [
    'packages/nestjs/test/a.test.ts',
    "import { order } from '../../../apps/orders/src/order.js';",
    { 'apps/orders/src/order.ts': 'export const order = 1;' },
  ],
  'core/job imports the kernel and itself only': [
    'packages/core/src/job/a.ts',
    "import { run } from '../runtime/run.js';",
    { 'packages/core/src/runtime/run.ts': 'export const run = 1;' },
  ],
  'core/job does no I/O': [
    'packages/core/src/job/a.ts',
    "import { readFile } from 'node:fs/promises';",
  ],
  'patterns are siblings that do not import each other': [
    'packages/core/src/flow/a.ts',
    "import type { Key } from '../idempotency/key.js';",
    { 'packages/core/src/idempotency/key.ts': 'export type Key = string;' },
  ],
  'only map-reduce builds on batch': [
    'packages/core/src/flow/a.ts',
    "import { batch } from '../batch/index.js';",
    { 'packages/core/src/batch/index.ts': 'export const batch = 1;' },
  ],
  'patterns do not import what composes them': [
    'packages/core/src/flow/a.ts',
    "const { run } = await import('../runtime/run.js');",
    { 'packages/core/src/runtime/run.ts': 'export const run = 1;' },
  ],
  'a policy is pure: of the stores it knows their interface, of Node nothing': [
    'packages/core/src/flow/policy.ts',
    "import { randomUUID } from 'node:crypto';",
  ],
  'bullmq is imported in core/src/runtime/bullmq only (and by apps that show it bare)': [
    'packages/core/src/runtime/a.ts',
    "import type { Queue } from 'bullmq';",
  ],
  'ioredis is imported in kernel/src/redis/connection.ts only': [
    'packages/kernel/src/redis/a.ts',
    "import type { Redis } from 'ioredis';",
  ],
  'opossum is imported in breaker/src/opossum.ts only': [
    'packages/breaker/src/a.ts',
    "import CircuitBreaker from 'opossum';",
  ],
};

/** A workspace that breaks no rule, with what it takes to read decorators and type-only syntax. */
const CLEAN = {
  ...packageFiles('kernel', {
    'src/redis/connection.ts': "import type { Redis } from 'ioredis';\nexport type R = Redis;",
  }),
  ...packageFiles('core', {
    'src/runtime/bullmq/queues.ts': "import { Queue } from 'bullmq';\nexport const q = Queue;",
    'src/map-reduce/a.ts': "export { batch } from '../batch/index.js';",
    'src/batch/index.ts':
      "import { clock } from '@bulletproof/kernel';\nexport const batch = clock;",
    'src/flow/policy.ts': "import type { Store } from './store.js';\nexport type S = Store;",
    'src/flow/store.ts': 'export interface Store { take(): void }',
    'test/a.test.ts': `
      import { batch } from '../src/batch/index.js';
      class A { constructor(@x private readonly b: typeof batch) {} @y run() { return this.b satisfies unknown; } }`,
  }),
  ...packageFiles('breaker', { 'src/opossum.ts': "import O from 'opossum';\nexport const o = O;" }),
  ...packageFiles('nestjs', { 'src/a.ts': "export { App } from '@bulletproof/core';" }),
  ...packageFiles('test-kit', {}),
  'apps/orders/package.json': '{ "name": "orders", "type": "module" }',
  'apps/orders/src/main.ts': "import { App } from '@bulletproof/core';\nexport const app = App;",
  'apps/orders/src/bare/main.ts': "import { Queue } from 'bullmq';\nexport const q = Queue;",
};
const INSTALLED = {
  own: ['kernel', 'core', 'breaker', 'nestjs', 'test-kit'],
  foreign: ['bullmq', 'ioredis', 'opossum'],
};

test('nothing is reported where no rule is broken', async (t) => {
  const root = plant(t, CLEAN);
  install(root, INSTALLED);
  const { problems, seen } = await checkLayers(root);
  assert.deepEqual(problems, []);
  assert.equal(seen, '10 files with imports');
});

for (const [rule, [file, text, more = {}]] of Object.entries(PLANTED)) {
  test(`a planted violation is reported: ${rule}`, async (t) => {
    const root = plant(t, { ...CLEAN, ...more, [file]: text });
    install(root, INSTALLED);
    const { problems } = await checkLayers(root);
    const found = problems.filter((problem) => problem.startsWith(`${file} -> `));
    assert.ok(
      found.some((problem) => problem.endsWith(`: ${rule}`)),
      `expected "${rule}" among ${JSON.stringify(problems)}`,
    );
  });
}

test('every rule has its planted violation', () => {
  assert.deepEqual(new Set(layerRules.map(({ name }) => name)), new Set(Object.keys(PLANTED)));
});

test('a file that the tool cannot read is not passed over', async (t) => {
  const root = plant(t, { ...CLEAN, 'packages/core/src/job/broken.ts': 'export const = ;' });
  install(root, INSTALLED);
  await assert.rejects(checkLayers(root), /broken\.ts/);
});
