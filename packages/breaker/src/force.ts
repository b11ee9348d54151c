import { checkOptions, type Duration, rule } from '@bulletproof/kernel';

/** How a breaker is forced. */
export interface ForceOptions {
  /** For how long, 1 s to 7 d, so that nobody can forget it. */
  readonly ttl: Duration;
  /** Why, in at most 200 characters; everybody sees it. */
  readonly reason: string;
}

const RULES = {
  ttl: rule.duration({ min: 1_000, max: 7 * 86_400_000 }),
  reason: rule.text({ maxLength: 200 }),
};

/**
 * Checks how a breaker is to be forced.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function forceOf(options: ForceOptions): { ttlMs: number; reason: string } {
  const { ttl, reason } = checkOptions('force', options, RULES);
  return { ttlMs: ttl, reason };
}
