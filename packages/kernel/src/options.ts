import { describeValue } from './describe-value.js';
import { InvalidOptionError } from './errors.js';
import { nearestOf } from './nearest.js';

/** Reads one option: returns what is to be used, or throws `InvalidOptionError`. `path` names the option. */
export type Rule<Out> = (value: unknown, path: string) => Out;

/** One rule for each known option. */
export type Rules = Readonly<Record<string, Rule<unknown>>>;

/** What {@link checkOptions} returns for a set of rules. */
export type Checked<R extends Rules> = {
  readonly [Option in keyof R]: R[Option] extends Rule<infer Out> ? Out : never;
};

/**
 * Checks an options object against its rules and returns a fresh frozen object with every option read.
 * @param where what the options belong to, for example `Bulletproof` or `charge.backoff`
 * @throws InvalidOptionError `INVALID_OPTION` for something that is no plain object, an unknown option (the nearest known name is
 * suggested), or a value its rule refuses
 */
export function checkOptions<R extends Rules>(where: string, value: unknown, rules: R): Checked<R> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuseOption(where, 'an object of options', value);
  }
  const given = value as Readonly<Record<string, unknown>>;
  for (const option of Object.keys(given)) {
    if (!Object.hasOwn(rules, option)) refuseUnknownOption(where, option, Object.keys(rules));
  }
  const checked: Record<string, unknown> = {};
  for (const [option, rule] of Object.entries(rules)) {
    checked[option] = rule(
      Object.hasOwn(given, option) ? given[option] : undefined,
      `${where}.${option}`,
    );
  }
  return Object.freeze(checked) as Checked<R>;
}

/** A condition that ties several options together. */
export interface CrossRule<Options> {
  /** The option that is blamed. */
  readonly option: keyof Options & string;
  /** What must hold, in words, for example `a span longer than backoff.delay`. */
  readonly expected: string;
  readonly holds: (options: Options) => boolean;
}

/**
 * Checks conditions between options that are each valid.
 * @throws InvalidOptionError `INVALID_OPTION` for the first condition that does not hold
 */
export function checkTogether<Options extends object>(
  where: string,
  options: Options,
  rules: ReadonlyArray<CrossRule<Options>>,
): void {
  for (const { option, expected, holds } of rules) {
    if (!holds(options)) refuseOption(`${where}.${option}`, expected, options[option]);
  }
}

/**
 * Refuses the value of one option; for rules that are made elsewhere.
 * @throws InvalidOptionError `INVALID_OPTION` always
 */
export function refuseOption(path: string, expected: string, value: unknown): never {
  throw new InvalidOptionError({ option: path, expected, received: describeValue(value) });
}

function refuseUnknownOption(where: string, option: string, known: readonly string[]): never {
  const nearest = nearestOf(option, known);
  throw new InvalidOptionError({
    option: `${where}.${option}`,
    expected:
      nearest === undefined
        ? `one of the known options (${known.join(', ')})`
        : `a known option (did you mean "${nearest}"?)`,
    received: `the unknown option "${option}"`,
  });
}
