import { type Clock, type RedisSource, type Rule, rule } from '@bulletproof/kernel';
import type { BreakerLogger } from './log.js';
import type { CircuitBreakerOptions } from './options.js';
import type { BreakerStore } from './store.js';

/** Node's timers overflow beyond this and fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const { duration, flag, integer, number, oneOf, optional } = rule;
const span = duration({ min: 0, max: LONGEST_TIMER_MS });
const positive = duration({ min: 1, max: LONGEST_TIMER_MS });
const count = integer({ min: 1, max: 10_000 });
const natural = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const percentage = number({ min: 0, max: Number.POSITIVE_INFINITY });
const anything = <T>(expected: string, fits: (value: object) => boolean): Rule<T> =>
  rule.matching(expected, (value): value is T =>
    typeof value === 'object' && value !== null ? fits(value) : false,
  );
const has =
  (...methods: readonly string[]) =>
  (value: object): boolean =>
    methods.every((method) => typeof Reflect.get(value, method) === 'function');
const filter = rule.callable<(...args: never[]) => boolean | undefined>();

const timeout: Rule<number | false> = (value, path) =>
  value === false ? false : span(value, path);

/** opossum's options. */
export const OPOSSUM_RULES = {
  timeout: optional(timeout),
  resetTimeout: optional(span),
  errorThresholdPercentage: optional(percentage),
  volumeThreshold: optional(natural),
  rollingCountTimeout: optional(span),
  rollingCountBuckets: optional(integer({ min: 0, max: 100_000 })),
  rollingPercentilesEnabled: optional(flag),
  enableSnapshots: optional(flag),
  rotateBucketController: optional(
    anything<NonNullable<CircuitBreakerOptions['rotateBucketController']>>(
      'an event emitter',
      has('on', 'removeListener'),
    ),
  ),
  capacity: optional(natural),
  errorFilter: optional(filter),
  allowWarmUp: optional(flag),
  enabled: optional(flag),
  name: optional(rule.text({ maxLength: 1_000 })),
  group: optional(rule.text({ maxLength: 1_000 })),
  cache: optional(flag),
  cacheTTL: optional(duration()),
  cacheSize: optional(natural),
  cacheGetKey: optional(rule.callable<(...args: never[]) => string>()),
  cacheTransport: optional(
    anything<NonNullable<CircuitBreakerOptions['cacheTransport']>>(
      'an object with get, set and flush',
      has('get', 'set', 'flush'),
    ),
  ),
  coalesce: optional(flag),
  coalesceTTL: optional(duration()),
  coalesceSize: optional(natural),
  coalesceResetOn: optional(rule.listOf(oneOf(['error', 'success', 'timeout']))),
  abortController: optional(anything<AbortController>('an AbortController', has('abort'))),
  autoRenewAbortController: optional(flag),
  status: optional(anything<object>('a Status or counts', () => true)),
  maxFailures: optional(natural),
  state: optional(anything<object>('a state that toJSON() gave', () => true)),
};

/** What is ours. */
export const OWN_RULES = {
  redis: optional(
    rule.matching(
      'a redis:// URL, ioredis options or an ioredis client',
      (value): value is RedisSource =>
        typeof value === 'string' || (typeof value === 'object' && value !== null),
    ),
  ),
  store: optional(anything<BreakerStore>('a store', has('apply', 'listen', 'close'))),
  prefix: rule.defaulted(rule.text({ maxLength: 128 }), 'bulletproof'),
  localTrip: rule.defaulted(oneOf(['provisional', 'propagate', 'off']), 'provisional'),
  quorum: rule.defaulted(count, 1),
  maxResetTimeout: optional(positive),
  resetJitter: rule.defaulted(number({ min: 0, max: 1 }), 0.1),
  stableAfter: optional(span),
  probes: rule.defaulted(count, 1),
  successThreshold: rule.defaulted(count, 1),
  probeLease: optional(positive),
  rampUp: rule.defaulted(span, 0),
  slowCallDurationThreshold: optional(positive),
  slowCallRateThreshold: rule.defaulted(number({ min: 0, max: 100 }), 100),
  local: optional(
    rule.nested({
      errorThresholdPercentage: optional(percentage),
      volumeThreshold: optional(natural),
    }),
  ),
  storeTimeout: rule.defaulted(positive, 250),
  pollInterval: rule.defaulted(positive, 2_000),
  processId: optional(rule.text({ maxLength: 128 })),
  clock: optional(anything<Clock>('a clock', has('monotonicMs', 'setTimer'))),
  random: optional(rule.callable<() => number>()),
  logger: optional(
    anything<BreakerLogger>('a logger with info, warn and error', has('info', 'warn', 'error')),
  ),
};
