import type { Check } from './check.js';
import { allChecks } from './checks.js';
import type { Evidence } from './evidence.js';
import { type Facts, factsOf } from './facts.js';
import { repeatedByKills, repeatsWithReason } from './repeats.js';

/** Numbers for programs. */
export interface Account {
  orders: number;
  charges: number;
  ordersChargedOnce: number;
  ordersChargedMore: number;
  ordersNotCharged: number;
  overchargedCents: number;
  requests: number;
  repeatedRequests: number;
  /** Of these, the ones that no fault of the gateway explains. */
  repeatedByKills: number;
  runsInFlightAtKills: number;
  conflictsSent: number;
  conflictsRefused: number;
  mails: number;
  /** Calls that reached the dead gateway: until the breaker was open everywhere, and afterwards. */
  outageCallsBeforeOpen: number;
  outageCallsWhileOpen: number;
  /** Of the latter, no more than these were allowed. */
  outageProbes: number;
  outageAttemptsBeforeOpen: number;
  outageAttemptsWhileOpen: number;
  outagePutOff: number;
  /** Null: no breaker closed after the outage. */
  breakerClosedAfterMs: number | null;
}

/** The verdict on a run of the story. */
export interface Audit {
  passed: boolean;
  checks: Check[];
  account: Account;
}

/** Holds the gateway's ledger, the database and the mails against what was ordered. */
export function audit(evidence: Evidence): Audit {
  const facts = factsOf(evidence);
  const checks = allChecks(facts);
  return {
    passed: checks.every(({ passed }) => passed),
    checks,
    account: accountOf(facts),
  };
}

function accountOf({ ids, posts, kills, ledger, mails, chargesOf, outageFacts }: Facts): Account {
  const counts = ids.map((id) => chargesOf.get(id)?.length ?? 0);
  const tooMany = [...chargesOf.values()].flatMap((charges) => charges.slice(1));
  const repeats = repeatsWithReason(ledger, kills);
  const conflicts = posts.filter(({ post }) => post.kind === 'conflict');
  return {
    orders: ids.length,
    charges: sum([...chargesOf.values()].map(({ length }) => length)),
    ordersChargedOnce: counts.filter((count) => count === 1).length,
    ordersChargedMore: counts.filter((count) => count > 1).length,
    ordersNotCharged: counts.filter((count) => count === 0).length,
    overchargedCents: sum(tooMany.map(({ amountCents }) => amountCents)),
    requests: ledger.filter(({ type }) => type === 'request').length,
    repeatedRequests: sum(repeats.map(({ count }) => count)),
    repeatedByKills: repeatedByKills(repeats),
    runsInFlightAtKills: sum(kills.map(({ ordersInFlight }) => ordersInFlight.length)),
    conflictsSent: conflicts.length,
    conflictsRefused: conflicts.filter(({ status }) => status === 409).length,
    mails: mails.length,
    outageCallsBeforeOpen: outageFacts.before.length,
    outageCallsWhileOpen: outageFacts.whileOpen.length,
    outageProbes: outageFacts.probes,
    outageAttemptsBeforeOpen: outageFacts.attemptsBefore.length,
    outageAttemptsWhileOpen: outageFacts.attemptsWhileOpen.length,
    outagePutOff: outageFacts.putOff,
    breakerClosedAfterMs: outageFacts.closedAfterMs ?? null,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0);
}
