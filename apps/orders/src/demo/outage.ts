import type { LedgerEntry } from '../gateway/ledger.js';
import type { Evidence } from './evidence.js';

/** By then every process has heard of an opening, and calls under way have arrived. */
const HEARD_AFTER_MS = 250;

/** What became of the time in which the gateway was off. */
export interface OutageFacts {
  /** How long it was off. */
  offMs: number;
  /** From there to the first opening; undefined when no breaker opened. */
  openedAfterMs: number | undefined;
  /** How long calls should have been kept away; without a breaker that is the whole outage. */
  openMs: number;
  /** Orders of the calls that reached the dead gateway before the breaker was open everywhere. */
  before: string[];
  /** Orders of those that reached it afterwards. */
  whileOpen: string[];
  /** Probes that the breaker allowed while the gateway was dead. */
  probes: number;
  /** Orders of the runs that cost an attempt before the breaker was open everywhere, and afterwards. */
  attemptsBefore: string[];
  attemptsWhileOpen: string[];
  /** Runs that were put off during the outage. */
  putOff: number;
  /** From the end of the outage until the breaker closed; undefined when it did not, or was not open. */
  closedAfterMs: number | undefined;
  /** All orders that met the outage, and those of them that were not paid in the end. */
  met: string[];
  unpaid: string[];
  /** From the end of the outage until the last of them was paid. */
  paidAfterMs: number;
}

/** Sorts what the ledger, the workers' logs and the breaker say of the outage. */
export function outageFacts({ outage, ledger, runs, orders }: Evidence): OutageFacts {
  const { offAtMs, onAtMs, breaker } = outage;
  const during = (atMs: number) => atMs >= offAtMs && atMs < onAtMs;
  const opening = breaker.find(({ state, atMs }) => state === 'open' && during(atMs));
  const closing = breaker.findLast(({ state }) => state === 'closed');
  const heardAtMs = opening && Math.min(onAtMs, opening.atMs + HEARD_AFTER_MS);
  const isWhileOpen = ({ atMs }: { atMs: number }) => atMs >= (heardAtMs ?? offAtMs);

  const calls = callsInVain(ledger);
  const later = calls.filter(isWhileOpen);
  const ended = runs.filter(({ atMs }) => during(atMs));
  const attempts = ended.filter(({ end }) => end === 'failed' || end === 'dead');
  const laterAttempts = attempts.filter(isWhileOpen);
  const putOff = ended.filter(({ end }) => end === 'snoozed');

  const met = [...new Set(ids([...calls, ...putOff]))].sort();
  const paidAt = new Map(
    orders.map(({ id, status, processedAtMs }) => [
      id,
      status === 'confirmed' ? processedAtMs : null,
    ]),
  );
  const paid = met.flatMap((id) => paidAt.get(id) ?? []);
  return {
    offMs: onAtMs - offAtMs,
    openedAfterMs: opening && opening.atMs - offAtMs,
    openMs: onAtMs - (heardAtMs ?? offAtMs),
    before: ids(calls.filter((call) => !isWhileOpen(call))),
    whileOpen: ids(later),
    probes: breaker.filter(({ state, atMs }) => state === 'half-open' && during(atMs)).length,
    attemptsBefore: ids(attempts.filter((attempt) => !isWhileOpen(attempt))),
    attemptsWhileOpen: ids(laterAttempts),
    putOff: putOff.length,
    closedAfterMs: opening && closing && closing.atMs > onAtMs ? closing.atMs - onAtMs : undefined,
    met,
    unpaid: met.filter((id) => paidAt.get(id) == null),
    paidAfterMs: Math.max(0, ...paid.map((atMs) => atMs - onAtMs)),
  };
}

/** Requests that the gateway cut because it was off. */
function callsInVain(ledger: readonly LedgerEntry[]): { orderId: string; atMs: number }[] {
  const cut = new Set(
    ledger.flatMap((entry) =>
      entry.type === 'end' && entry.outcome === 'fault-down' ? [entry.request] : [],
    ),
  );
  return ledger.flatMap((entry) =>
    entry.type === 'request' && entry.orderId !== null && cut.has(entry.request)
      ? [{ orderId: entry.orderId, atMs: entry.atMs }]
      : [],
  );
}

function ids(all: readonly { orderId: string }[]): string[] {
  return all.map(({ orderId }) => orderId);
}
