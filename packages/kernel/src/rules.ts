import { type Duration, MAX_DURATION_MS, toMs } from './duration.js';
import { type Checked, checkOptions, type Rule, type Rules, refuseOption } from './options.js';

/** Lets an option be left out; it reads as `undefined`. */
export function optional<Out>(rule: Rule<Out>): Rule<Out | undefined> {
  return (value, path) => (value === undefined ? undefined : rule(value, path));
}

/** Gives an option that was left out its default. */
export function defaulted<Out>(rule: Rule<Out>, fallback: Out): Rule<Out> {
  return (value, path) => (value === undefined ? fallback : rule(value, path));
}

/** Accepts what a type guard accepts. */
export function matching<Out>(
  expected: string,
  guard: (value: unknown) => value is Out,
): Rule<Out> {
  return (value, path) => (guard(value) ? value : refuseOption(path, expected, value));
}

/** Accepts true or false. */
export const flag: Rule<boolean> = matching(
  'true or false',
  (value): value is boolean => typeof value === 'boolean',
);

/** Bounds of a number, both included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Accepts a finite number within bounds. */
export function number({ min, max }: Range): Rule<number> {
  return matching(
    `a number from ${min} to ${max}`,
    (value): value is number => typeof value === 'number' && value >= min && value <= max,
  );
}

/** Accepts a whole number within bounds. */
export function integer({ min, max }: Range): Rule<number> {
  return matching(
    `a whole number from ${min} to ${max}`,
    (value): value is number =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max,
  );
}

/** Accepts a duration and reads it as milliseconds; bounds in milliseconds, by default 0 to 100 years. */
export function duration({ min, max }: Range = { min: 0, max: MAX_DURATION_MS }): Rule<number> {
  return (value, path) => {
    const ms = toMs(value as Duration, path);
    if (ms < min || ms > max) refuseOption(path, `a duration from ${min} ms to ${max} ms`, value);
    return ms;
  };
}

/** Accepts text that is not empty, of at most `maxLength` characters. */
export function text({ maxLength }: { readonly maxLength: number }): Rule<string> {
  return matching(
    `text of 1 to ${maxLength} characters`,
    (value): value is string =>
      typeof value === 'string' && value.length > 0 && value.length <= maxLength,
  );
}

/** Accepts one of a few texts. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]): Rule<Choice> {
  return matching(choices.map((choice) => `'${choice}'`).join(' or '), (value): value is Choice =>
    choices.some((choice) => choice === value),
  );
}

/** Accepts any function; its type is the caller's claim. */
export function callable<Fn extends (...args: never) => unknown>(): Rule<Fn> {
  return matching('a function', (value): value is Fn => typeof value === 'function');
}

/** Accepts an array and reads each element by a rule. */
export function listOf<Out>(rule: Rule<Out>): Rule<readonly Out[]> {
  return (value, path) => {
    if (!Array.isArray(value)) refuseOption(path, 'an array', value);
    return value.map((element: unknown, index) => rule(element, `${path}[${index}]`));
  };
}

/** Accepts an object of options with rules of its own. */
export function nested<R extends Rules>(rules: R): Rule<Checked<R>> {
  return (value, path) => checkOptions(path, value, rules);
}
