import { describeValue } from './describe-value.js';

/** Closes an exhaustive switch: does not compile while a case is missing, and throws a `TypeError` if one slips through. */
export function assertNever(value: never): never {
  throw new TypeError(`Unhandled case: ${describeValue(value)}`);
}
