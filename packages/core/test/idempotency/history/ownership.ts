import type { Redis } from 'ioredis';
import type { RecordKeys } from '../../../src/idempotency/keys.js';
import type { RecordAddress } from '../../../src/idempotency/store.js';

/** A place and its kind of record. */
export interface Owned {
  readonly address: RecordAddress;
  /** An anonymous call's record has a life of its own; all others live until they are settled. */
  readonly recorded: boolean;
}

const SETTLED = ['done', 'dead', 'cancelled'];

/**
 * What breaks the rule that every key has a life or an owner: a record that lives until it is settled stands in the index of open
 * records, and no settled one does.
 */
export async function unowned(
  redis: Redis,
  keys: RecordKeys,
  places: readonly Owned[],
): Promise<string[]> {
  const problems: string[] = [];
  const looks = places.map(async ({ address }) => {
    const record = keys.record(address);
    const [life, score, state] = await Promise.all([
      redis.pttl(record),
      redis.zscore(keys.open(address), keys.member(address)),
      redis.hget(record, 'st'),
    ]);
    if (life === -1 && score === null) problems.push(`${record} (${state}) has neither`);
    if (score !== null && state !== null && SETTLED.includes(state)) {
      problems.push(`${record} (${state}) is still open`);
    }
  });
  await Promise.all(looks);
  return problems;
}

/** Keys that would stay for ever now that all calls have ended. */
export async function immortal(
  redis: Redis,
  keys: RecordKeys,
  places: readonly Owned[],
  all: readonly string[],
): Promise<string[]> {
  // The index may name an anonymous record that has expired; whoever goes through it finds nothing there.
  for (const { address, recorded } of places) {
    if (!recorded) await redis.zrem(keys.open(address), keys.member(address));
  }
  const lives = await Promise.all(all.map((key) => redis.pttl(key)));
  return all.filter((_, index) => lives[index] === -1);
}
