import type { Redis } from 'ioredis';
import type { RecordKeys } from '../../../src/idempotency/keys.js';
import type { RecordAddress } from '../../../src/idempotency/store.js';

/** A place and its kind of record. */
export interface Owned {
  readonly address: RecordAddress;
  /** An anonymous call's record has a life of its own; all others live until they are settled. */
  readonly recorded: boolean;
}

const OPEN = ['waiting', 'running', 'snoozed'];

/**
 * What breaks the rule that every key has a life or an owner: a record that lives until it is settled stands in the index of open
 * records, and nothing else does (but for anonymous records, which may expire there); the lists of the dead have a life.
 */
export async function unowned(
  redis: Redis,
  keys: RecordKeys,
  places: readonly Owned[],
): Promise<string[]> {
  const looks = places.map(async ({ address, recorded }) => {
    const record = keys.record(address);
    const [life, score, state, ...lists] = await Promise.all([
      redis.pttl(record),
      redis.zscore(keys.open(address), keys.member(address)),
      redis.hget(record, 'st'),
      redis.pttl(keys.deads(address)),
      redis.pttl(keys.ends(address)),
    ]);
    const isOpen = OPEN.includes(state ?? 'missing');
    const mayExpire = !recorded && state === null;
    const isIndexed = score !== null;
    return [
      ...(life === -1 && !isIndexed ? [`${record} (${state}) has neither`] : []),
      ...(isIndexed && !isOpen && !mayExpire ? [`${record} (${state}) is still open`] : []),
      ...(lists.includes(-1) ? [`the dead beside ${record} are listed for ever`] : []),
    ];
  });
  return (await Promise.all(looks)).flat();
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
