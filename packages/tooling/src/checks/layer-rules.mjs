// Who may import whom, as dependency-cruiser's rules. CONTRIBUTING.md says why.

const PATTERNS = 'idempotency|flow|batch|map-reduce|schedule|urgency';
const IO =
  '^(?:node:)?(?:fs|net|tls|http|http2|https|dgram|dns|child_process|cluster|worker_threads|timers)(?:/|$)';
const NODE = '^(?:node:|(?:assert|buffer|crypto|events|fs|os|path|stream|timers|url|util)(?:/|$))';
const WORKSPACE = '^(?:packages|apps)/';
/** Names of installed packages, as they are resolved or, when they are not, as they are written. */
const installed = (/** @type {string} */ names) => `(?:^|node_modules/)(?:${names})(?:/|$)`;

/** @typedef {import('dependency-cruiser').IRegularForbiddenRuleType} Rule */

/** @type {Rule[]} */
export const layerRules = [
  rule('no circles of imports', {}, { circular: true }),
  rule('imports must resolve', {}, { couldNotResolve: true }),
  rule(
    'the kernel imports nothing of the workspace',
    { path: '^packages/kernel/src/' },
    { path: WORKSPACE, pathNot: '^packages/kernel/src/' },
  ),
  rule(
    'core imports the kernel only',
    { path: '^packages/core/src/' },
    { path: WORKSPACE, pathNot: '^packages/(?:core/src|kernel)/' },
  ),
  rule(
    'the breaker knows nothing of jobs: it imports the kernel only',
    { path: '^packages/breaker/src/' },
    { path: WORKSPACE, pathNot: '^packages/(?:breaker/src|kernel)/' },
  ),
  rule(
    'the test-kit is below all packages: it imports the tooling only',
    { path: '^packages/test-kit/src/' },
    { path: WORKSPACE, pathNot: '^packages/(?:test-kit/src|tooling)/' },
  ),
  rule(
    'faces and bridges import core, breaker and kernel only',
    { path: '^packages/(nestjs|postgres|testing|dashboard)/src/' },
    { path: WORKSPACE, pathNot: '^packages/(?:$1/src|core|breaker|kernel)/' },
  ),
  rule(
    'other packages and apps are imported by their public entry points',
    { path: '^((?:packages|apps)/[^/]+)/' },
    {
      path: WORKSPACE,
      pathNot: ['^$1/', '^packages/[^/]+/dist/index\\.', '^packages/tooling/src/'],
    },
  ),
  rule(
    'sources do not import tests',
    { path: '/src/' },
    { path: '^(?:packages|apps)/[^/]+/test/' },
  ),
  rule(
    'packages and apps do not import apps',
    { path: '^((?:packages|apps)/[^/]+)/' },
    { path: '^apps/', pathNot: '^$1/' },
  ),
  rule(
    'core/job imports the kernel and itself only',
    { path: '^packages/core/src/job/' },
    { path: '^packages/core/src/', pathNot: '^packages/core/src/job/' },
  ),
  rule(
    'core/job does no I/O',
    { path: '^packages/core/src/job/' },
    { path: [IO, installed('bullmq|ioredis|redis|pg')] },
  ),
  rule(
    'patterns are siblings that do not import each other',
    { path: `^packages/core/src/(${PATTERNS})/` },
    {
      path: `^packages/core/src/(?:${PATTERNS})/`,
      // A map-reduce is a batch whose parts are kept: the one listed exception.
      pathNot: ['^packages/core/src/$1/', '^packages/core/src/batch/index\\.ts$'],
    },
  ),
  rule(
    'only map-reduce builds on batch',
    {
      path: `^packages/core/src/(?:${PATTERNS})/`,
      pathNot: '^packages/core/src/(?:map-reduce|batch)/',
    },
    { path: '^packages/core/src/batch/' },
  ),
  rule(
    'patterns do not import what composes them',
    { path: `^packages/core/src/(${PATTERNS})/` },
    { path: '^packages/core/src/', pathNot: `^packages/core/src/(?:${PATTERNS}|job)/` },
  ),
  rule(
    'a policy is pure: of the stores it knows their interface, of Node nothing',
    { path: '/src/.*policy(?:/|\\.ts$)' },
    { path: ['/(?:stores|lua)/', '/(?:handler|keys)\\.ts$', NODE] },
  ),
  rule(
    'bullmq is imported in core/src/runtime/bullmq only (and by apps that show it bare)',
    {
      path: '^(?:packages|apps)/[^/]+/src/',
      pathNot: ['^packages/core/src/runtime/bullmq/', '^apps/(?:orders/src/(?:bare|demo)|bench)/'],
    },
    { path: installed('bullmq') },
  ),
  rule(
    'ioredis is imported in kernel/src/redis/connection.ts only',
    {
      path: '^packages/[^/]+/src/',
      pathNot: ['^packages/kernel/src/redis/connection\\.ts$', '^packages/test-kit/'],
    },
    { path: installed('ioredis|redis') },
  ),
  rule(
    'opossum is imported in breaker/src/opossum.ts only',
    {
      path: '^(?:packages|apps)/[^/]+/src/',
      pathNot: ['^packages/breaker/src/opossum\\.ts$', '^apps/bench/'],
    },
    { path: installed('opossum') },
  ),
];

/**
 * @param {string} name what it demands
 * @param {Rule['from']} from
 * @param {Rule['to']} to
 * @returns {Rule}
 */
function rule(name, from, to) {
  return { name, severity: 'error', from, to };
}
