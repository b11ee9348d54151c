import {
  type Checked,
  checkOptions,
  checkTogether,
  MAX_DURATION_MS,
  type Rule,
  rule,
} from '@bulletproof/kernel';
import { isSchema } from './schema.js';

/** Names, ids and keys are at most this long. */
export const MAX_LABEL_LENGTH = 256;

/** What a label is, in words. */
export const LABEL = `text of 1 to ${MAX_LABEL_LENGTH} characters without control characters`;

/** Accepts what names something: a job, a call, a queue, a key. */
export const label: Rule<string> = rule.matching(LABEL, isLabel);

/** Accepts a number of attempts. */
export const attempts: Rule<number> = rule.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** Accepts a duration that is not zero, and reads it as milliseconds. */
export const span: Rule<number> = rule.duration({ min: 1, max: MAX_DURATION_MS });

const backoffRules = {
  type: rule.optional(rule.oneOf(['fixed', 'exponential'])),
  delay: rule.optional(rule.duration()),
  max: rule.optional(rule.duration()),
  jitter: rule.optional(rule.number({ min: 0, max: 1 })),
};

const backoff: Rule<Checked<typeof backoffRules>> = (value, path) => {
  const checked = checkOptions(path, value, backoffRules);
  checkTogether(path, checked, [
    {
      option: 'max',
      expected: 'a duration not below delay',
      holds: ({ delay = 0, max = delay }) => max >= delay,
    },
  ]);
  return checked;
};

const defaultRules = {
  attempts: rule.optional(attempts),
  backoff: rule.optional(backoff),
  idempotency: rule.optional(rule.nested({ keepFor: rule.optional(span) })),
  timeout: rule.optional(span),
};

const jobRules = {
  ...defaultRules,
  name: rule.optional(label),
  queue: rule.optional(
    rule.matching(
      'the name of a queue or a function that chooses one',
      (value): value is string | ((input: unknown) => string) =>
        isLabel(value) || typeof value === 'function',
    ),
  ),
  escalate: rule.optional(rule.listOf(rule.nested({ after: span, to: label }))),
  idempotencyKey: rule.optional(rule.callable<(input: unknown) => string>()),
  input: rule.optional(rule.matching('a Standard Schema (version 1)', isSchema)),
  output: rule.optional(rule.matching('a Standard Schema (version 1)', isSchema)),
};

/** Job options after the checks: every one present or undefined, durations in milliseconds. */
export type DeclaredOptions = Checked<typeof jobRules>;

/** An app's `defaults` after the checks: every one present or undefined, durations in milliseconds. */
export type DeclaredDefaults = Checked<typeof defaultRules>;

/**
 * Checks the options of a job as far as no app is needed for that.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function checkJobOptions(where: string, options: unknown): DeclaredOptions {
  return checkOptions(where, options, jobRules);
}

/**
 * Checks the options that an app sets for all jobs, or a worker for a contract.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function checkJobDefaults(where: string, defaults: unknown): DeclaredDefaults {
  return checkOptions(where, defaults, defaultRules);
}

/** Whether a value can name something. */
export function isLabel(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_LABEL_LENGTH &&
    // Cs: half a surrogate pair has no UTF-8 form, so two such texts would be one in Redis
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}
