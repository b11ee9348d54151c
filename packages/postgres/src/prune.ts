import { checkOptions, type Duration, rule } from '@bulletproof/kernel';
import { ask, type Queryable, queryable } from './queryable.js';

/** What is forgotten. */
export interface PruneOptions {
  /**
   * Steps of calls that have not run for this long; longer than a call may be retried, and than `keepDeadFor`.
   * @default '60d'
   */
  readonly olderThan?: Duration;
}

const DAY_MS = 24 * 3_600_000;
const PAGE = 5_000;
const RULES = {
  olderThan: rule.defaulted(rule.duration({ min: 1, max: 10_000 * DAY_MS }), 60 * DAY_MS),
};

const PRUNE = `
  DELETE FROM bulletproof_calls WHERE id IN (
    SELECT id FROM bulletproof_calls
    WHERE touched_at < now() - $1 * interval '1 millisecond'
    LIMIT ${PAGE} FOR UPDATE SKIP LOCKED)
  RETURNING id`;

/**
 * Forgets the recorded steps of old calls, page by page; gives the number of calls.
 * @throws InvalidOptionError (`INVALID_OPTION`), MissingMigrationError (`MISSING_MIGRATION`)
 */
export async function pruneSteps(client: Queryable, options: PruneOptions = {}): Promise<number> {
  queryable(client, 'pruneSteps client');
  const { olderThan } = checkOptions('pruneSteps', options, RULES);
  let pruned = 0;
  for (;;) {
    const page = await ask(client, PRUNE, [olderThan]);
    pruned += page.length;
    if (page.length < PAGE) return pruned;
  }
}
