import { describeValue } from './describe-value.js';
import { InvalidOptionError } from './errors.js';

/** A span of time: a number of milliseconds, or a number with a unit such as `'250ms'`, `'1.5h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The longest duration accepted: 100 years of 365.25 days, in milliseconds. */
export const MAX_DURATION_MS = 36_525 * 86_400_000;

const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Converts a duration to whole milliseconds (rounded to the nearest).
 * @param where the option's path, for the error message
 * @throws InvalidOptionError `INVALID_OPTION` when it is not a duration, is negative, or exceeds 100 years
 */
export function toMs(duration: Duration, where: string): number {
  const ms = readMs(duration);
  if (ms === undefined) {
    throw new InvalidOptionError({
      option: where,
      expected: "a duration (milliseconds, or text such as '250ms', '30s', '5m', '1h', '7d')",
      received: describeValue(duration),
    });
  }
  if (ms > MAX_DURATION_MS) {
    throw new InvalidOptionError({
      option: where,
      expected: 'a duration of at most 100 years',
      received: describeValue(duration),
    });
  }
  return Math.round(ms);
}

function readMs(duration: unknown): number | undefined {
  if (typeof duration === 'number') {
    return Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  }
  // A text this long is no duration; the bound keeps hostile input away from the pattern.
  if (typeof duration !== 'string' || duration.length > 32) return undefined;
  const match = PATTERN.exec(duration);
  const unitMs = UNIT_MS[match?.[2] ?? ''];
  return match === null || unitMs === undefined ? undefined : Number(match[1]) * unitMs;
}
