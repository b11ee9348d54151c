import type { LedgerEntry } from '../gateway/ledger.js';
import type { Mail } from '../mail/outbox.js';
import type { Evidence, OrderFact } from './evidence.js';
import { type OutageFacts, outageFacts } from './outage.js';

/** A line of the gateway's ledger that says money was taken. */
export type ChargeEntry = Extract<LedgerEntry, { type: 'charge' }>;

/** The evidence, sorted by order. */
export interface Facts extends Evidence {
  /** Ids of all that was ordered. */
  ids: string[];
  orderOf: ReadonlyMap<string, OrderFact>;
  chargesOf: ReadonlyMap<string, ChargeEntry[]>;
  mailsOf: ReadonlyMap<string, Mail[]>;
  outageFacts: OutageFacts;
}

/** Sorts the evidence by order. */
export function factsOf(evidence: Evidence): Facts {
  const { posts, orders, ledger, mails } = evidence;
  return {
    ...evidence,
    ids: [...new Set(posts.map(({ post }) => post.body.id))],
    orderOf: new Map(orders.map((order) => [order.id, order])),
    chargesOf: groupBy(ledger.filter(isCharge), ({ orderId }) => orderId),
    mailsOf: groupBy(mails, ({ messageId }) => messageId.replace(/^confirmation-/, '')),
    outageFacts: outageFacts(evidence),
  };
}

function isCharge(entry: LedgerEntry): entry is ChargeEntry {
  return entry.type === 'charge';
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}
