import type { RunStory, Stories } from './runs.js';

/** Whether a run's end excuses that its effect is made again, if nothing shows that it was recorded. */
export type Excuse = (run: RunStory) => boolean;

/** A kill is an excuse: what it cuts off between the effect and its record is beyond anybody's reach. */
export const killed: Excuse = ({ end }) => end?.how === 'killed';

/** The effects of all keys. */
export interface Effects {
  readonly count: number;
  /** Made again, because a run was cut off between its effect and the record of it. */
  readonly repeated: number;
  /** Keys of effects that were made again without such a reason, once for each. */
  readonly doubled: readonly string[];
  /** Keys without any. */
  readonly missing: readonly string[];
}

/** Counts the effects of these keys. */
export function effectsOf(
  { byKey }: Pick<Stories, 'byKey'>,
  keys: Iterable<string>,
  isExcused: Excuse = killed,
): Effects {
  let [count, repeated] = [0, 0];
  const doubled: string[] = [];
  const missing: string[] = [];
  for (const key of keys) {
    const acting = (byKey.get(key) ?? []).filter(({ actedAt }) => actedAt !== undefined);
    if (acting.length === 0) missing.push(key);
    count += acting.length;
    for (let nth = 1; nth < acting.length; nth += 1) {
      const before = acting[nth - 1] as RunStory;
      if (before.recordedAt === undefined && isExcused(before)) repeated += 1;
      else doubled.push(key);
    }
  }
  return { count, repeated, doubled, missing };
}

/** Keys of which a run began while another one was at work in a living process. */
export function overlapping({ byKey }: Pick<Stories, 'byKey'>): string[] {
  return [...byKey].flatMap(([key, runs]) => {
    const inTurn = runs.every(
      ({ beganAt }, nth) => nth === 0 || (runs[nth - 1]?.end?.at ?? Infinity) < beganAt,
    );
    return inTurn ? [] : [key];
  });
}

/** Keys of which a run did not get a greater fencing token than the run before it. */
export function tokensThatDoNotGrow({ byKey }: Pick<Stories, 'byKey'>): string[] {
  return [...byKey].flatMap(([key, runs]) => {
    const grows = runs.every(({ token }, nth) => nth === 0 || token > (runs[nth - 1]?.token ?? 0));
    return grows ? [] : [key];
  });
}

/** Keys of which two runs were told of different effects by the same step. */
export function receiptsThatDiffer({ byKey }: Pick<Stories, 'byKey'>): string[] {
  return [...byKey].flatMap(([key, runs]) => {
    const receipts = runs.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]));
    return new Set(receipts).size > 1 ? [key] : [];
  });
}
