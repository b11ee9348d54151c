import type { LedgerEntry, Outcome } from '../gateway/ledger.js';
import type { Kill } from './evidence.js';

/** How often an order was asked for again, and how many reasons there were. */
export interface Repeats {
  /** The order; its id is the idempotency key. */
  key: string;
  /** Requests after the first. */
  count: number;
  /** Requests of it that the gateway itself spoilt. */
  faults: number;
  /** Runs of it that were in flight at a kill. */
  killedRuns: number;
}

const SPOILT: ReadonlySet<Outcome> = new Set(['fault-error', 'fault-cut', 'fault-down']);

/**
 * Counts the requests that an order needed beyond one, from the gateway's books alone, and the reasons for them: each
 * run in flight at a kill may ask once more, and so may each request that the gateway itself spoilt.
 */
export function repeatsWithReason(
  ledger: readonly LedgerEntry[],
  kills: readonly Pick<Kill, 'ordersInFlight'>[],
): Repeats[] {
  const outcomes = new Map<number, Outcome>();
  for (const entry of ledger) if (entry.type === 'end') outcomes.set(entry.request, entry.outcome);
  // An answer that was sent twice spoils the connection: whoever asks on it next may get the wrong answer.
  const doubledOn = new Set<number>();
  const requests = new Map<string, number>();
  const faults = new Map<string, number>();
  const killedRuns = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  for (const entry of ledger) {
    if (entry.type !== 'request' || entry.orderId === null) continue;
    const outcome = outcomes.get(entry.request);
    count(requests, entry.orderId);
    if ((outcome && SPOILT.has(outcome)) || doubledOn.has(entry.connection)) {
      count(faults, entry.orderId);
    }
    if (outcome === 'fault-double') doubledOn.add(entry.connection);
  }
  for (const { ordersInFlight } of kills) for (const id of ordersInFlight) count(killedRuns, id);
  return [...requests]
    .filter(([, times]) => times > 1)
    .map(([key, times]) => ({
      key,
      count: times - 1,
      faults: faults.get(key) ?? 0,
      killedRuns: killedRuns.get(key) ?? 0,
    }));
}

/** Whether an order was asked for more often than there were reasons. */
export function isUnexplained({ count, faults, killedRuns }: Repeats): boolean {
  return count > faults + killedRuns;
}

/** How many requests were repeated because of the kills: those that no fault of the gateway explains. */
export function repeatedByKills(repeats: readonly Repeats[]): number {
  return repeats.reduce((sum, { count, faults }) => sum + Math.max(0, count - faults), 0);
}
