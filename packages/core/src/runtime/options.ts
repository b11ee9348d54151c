import {
  checkOptions,
  type Duration,
  InvalidOptionError,
  keyspace,
  MAX_DURATION_MS,
  type RedisSource,
  type Rule,
  refuseOption,
  rule,
} from '@bulletproof/kernel';
import { type Logger, pino } from 'pino';
import { checkJobDefaults, type DeclaredDefaults, isLabel } from '../job/check-options.js';
import type { JobDefaults } from '../job/options.js';
import { steadyLogger } from './steady-logger.js';

/** How an app is set up. */
export interface BulletproofOptions {
  /** A URL, ioredis options, or a ready `Redis` or `Cluster`, of which connections of our own are made. */
  readonly redis: RedisSource;
  /** All keys are under it; BullMQ's own, too. @default 'bulletproof' */
  readonly prefix?: string;
  /** The app's queues, most urgent first. @default ['critical', 'high', 'default', 'low'] */
  readonly queues?: readonly string[];
  /** A pino logger. @default one of level 'warn' on standard output */
  readonly logger?: Logger;
  /** What jobs that say nothing themselves get. */
  readonly defaults?: JobDefaults;
  /** How long the result of a call without an idempotency key is kept. @default '1h' */
  readonly keepResultFor?: Duration;
  /** How long dead and cancelled calls are kept. @default '30d' */
  readonly keepDeadFor?: Duration;
  /** The longest an enqueue may take before it fails with `RedisUnavailableError`. @default '5s' */
  readonly enqueueTimeout?: Duration;
  /** Largest JSON of an input, a result or a step, in bytes. @default 1048576 */
  readonly maxPayloadBytes?: number;
  /** A call under which its worker died this often is dead. @default 5 */
  readonly maxCrashes?: number;
  /**
   * How long a worker holds a call without a sign of life. The event loop may stand still for three quarters of it;
   * after a crash the call goes on within 1.4 of it. @default '10s'
   */
  readonly lease?: Duration;
}

/** The app's options, all decided, durations in ms. */
export interface ResolvedOptions {
  readonly redis: RedisSource;
  readonly prefix: string;
  readonly queues: readonly string[];
  readonly logger: Logger;
  readonly defaults: Partial<DeclaredDefaults>;
  readonly keepResultFor: number;
  readonly keepDeadFor: number;
  readonly enqueueTimeout: number;
  readonly maxPayloadBytes: number;
  readonly maxCrashes: number;
  readonly lease: number;
}

const HOUR = 3_600_000;
const QUEUES = ['critical', 'high', 'default', 'low'] as const;
/** BullMQ keeps its own keys beside a queue's name; these characters would break them apart. */
const QUEUE_NAME = /^[^:{}\s]+$/;

const span = rule.duration({ min: 1, max: MAX_DURATION_MS });

const queueName = rule.matching(
  'a queue name of 1 to 256 characters without ":", braces or spaces',
  (value): value is string => isLabel(value) && QUEUE_NAME.test(value),
);

const isLogger = (value: unknown): value is Logger =>
  typeof value === 'object' &&
  value !== null &&
  ['child', 'isLevelEnabled', 'debug', 'info', 'warn', 'error'].every(
    (method) => typeof Reflect.get(value, method) === 'function',
  );

const REDIS = 'a redis:// or rediss:// URL, ioredis options, or a Redis or Cluster instance';

const redisSource: Rule<RedisSource> = (value, path) => {
  if (typeof value === 'string') {
    if (/^rediss?:\/\//.test(value) && URL.canParse(value)) return value;
    // A text meant for an address may hold a password: it is not repeated.
    throw new InvalidOptionError({ option: path, expected: REDIS, received: 'another text' });
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? value : refuseOption(path, REDIS, value);
};

/** The prefix's own rule is the key builder's; the option is named as the user wrote it. */
const prefix: Rule<string> = (value = 'bulletproof', path) => {
  try {
    return keyspace(value as string).prefix;
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const { expected, received } = error;
    throw new InvalidOptionError({ option: path, expected, received });
  }
};

const rules = {
  redis: redisSource,
  prefix,
  queues: rule.defaulted(rule.listOf(queueName), QUEUES),
  logger: rule.optional(rule.matching('a pino logger', isLogger)),
  defaults: (value: unknown, path: string) =>
    value === undefined ? {} : checkJobDefaults(path, value),
  keepResultFor: rule.defaulted(span, HOUR),
  keepDeadFor: rule.defaulted(span, 30 * 24 * HOUR),
  enqueueTimeout: rule.defaulted(span, 5_000),
  maxPayloadBytes: rule.defaulted(rule.integer({ min: 1, max: 256 * 2 ** 20 }), 2 ** 20),
  maxCrashes: rule.defaulted(rule.integer({ min: 1, max: 1_000_000 }), 5),
  lease: rule.defaulted(rule.duration({ min: 500, max: HOUR }), 10_000),
};

/**
 * Checks an app's options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveOptions(options: BulletproofOptions): ResolvedOptions {
  const checked = checkOptions('Bulletproof', options, rules);
  const { queues } = checked;
  if (queues.length === 0 || new Set(queues).size !== queues.length) {
    throw new InvalidOptionError({
      option: 'Bulletproof.queues',
      expected: 'at least one queue, each named once',
      received: JSON.stringify(queues),
    });
  }
  return { ...checked, logger: steadyLogger(checked.logger ?? defaultLogger()) };
}

/** Writes at once: pino's own destination flushes at the exit, without end if nobody reads stdout any more. */
function defaultLogger(): Logger {
  const stdout = pino.destination({ dest: process.stdout.fd, sync: true });
  return pino({ name: 'bulletproof', level: 'warn' }, stdout);
}
