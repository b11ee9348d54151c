import {
  checkOptions,
  checkTogether,
  type Duration,
  type Rule,
  refuseOption,
  rule,
} from '@bulletproof/kernel';
import { attempts, label, span } from './check-options.js';

/** What one call may say beside its input. */
export interface CallOptions {
  /** Unique in the app; the same id again is the same call. 1 to 256 characters, no control characters. @default a new one */
  readonly id?: string;
  /** Not before that long from the enqueue. Excludes `at`. @default '0ms' */
  readonly delay?: Duration;
  /** Not before then: a `Date`, epoch milliseconds, or ISO 8601 text with a zone. Excludes `delay`. @default at once */
  readonly at?: Date | number | string;
  /** Instead of the job's queue. */
  readonly queue?: string;
  /** Instead of the job's own key. 1 to 256 characters, no control characters. */
  readonly idempotencyKey?: string;
  /** Instead of the job's attempts; at least 1. */
  readonly attempts?: number;
  /** Instead of the job's timeout. */
  readonly timeout?: Duration;
  /** Not started that long after the enqueue: dead, with `JobExpiredError`. @default never */
  readonly expiresAfter?: Duration;
}

/** Call options as a call carries them: the same names, durations and instants in milliseconds. */
export interface StoredCallOptions {
  readonly id?: string;
  readonly delay?: number;
  /** Epoch milliseconds. */
  readonly at?: number;
  readonly queue?: string;
  readonly idempotencyKey?: string;
  readonly attempts?: number;
  readonly timeout?: number;
  readonly expiresAfter?: number;
}

// the last instant a Date can hold
const MAX_EPOCH_MS = 8.64e15;

const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

const instant: Rule<number> = (value, path) => {
  const epochMs = readInstant(value);
  if (!(Math.abs(epochMs) <= MAX_EPOCH_MS)) {
    refuseOption(path, 'a valid Date, epoch milliseconds, or ISO 8601 text with a zone', value);
  }
  return Math.round(epochMs);
};

const rules = {
  id: rule.optional(label),
  delay: rule.optional(rule.duration()),
  at: rule.optional(instant),
  queue: rule.optional(label),
  idempotencyKey: rule.optional(label),
  attempts: rule.optional(attempts),
  timeout: rule.optional(span),
  expiresAfter: rule.optional(span),
};

/**
 * Checks call options and turns them into what a call carries; undefined when there are none.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function storedCallOptions(where: string, options: unknown): StoredCallOptions | undefined {
  if (options === undefined) return undefined;
  const checked = checkOptions(where, options, rules);
  checkTogether(where, checked, [
    {
      option: 'at',
      expected: 'either delay or at, not both',
      holds: ({ delay, at }) => delay === undefined || at === undefined,
    },
  ]);
  const given = Object.entries(checked).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.freeze(Object.fromEntries(given));
}

function readInstant(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime();
  // text without a zone would mean another instant in each process
  if (typeof value === 'string' && ISO_INSTANT.test(value)) return Date.parse(value);
  return Number.NaN;
}
