import { describe, expect, it } from '@jest/globals';
import { audit } from '../../src/demo/audit.js';
import type { Evidence, RunEnd } from '../../src/demo/evidence.js';
import { recoverySeconds, reportLines } from '../../src/demo/report.js';
import type { LedgerEntry, Outcome } from '../../src/gateway/ledger.js';

const failedChecks = (evidence: Evidence) =>
  audit(evidence)
    .checks.filter(({ passed }) => !passed)
    .map(({ name }) => name);

const body = (id: string) => ({
  id,
  customer: 'a@example.org',
  lines: [{ film: 'film-1', quantity: 2 }],
});
const post = (id: string, kind: 'first' | 'repeat' | 'conflict', status: number) => ({
  post: { atMs: 0, kind, body: body(id) },
  status,
});
const asked = (
  request: number,
  orderId: string,
  outcome: Outcome = 'charged',
  atMs = 0,
): LedgerEntry[] => [
  { type: 'request', request, atMs, key: orderId, caller: 'w', connection: request, orderId },
  { type: 'end', request, atMs, outcome },
];
const inVain = (request: number, orderId: string, atMs: number) =>
  asked(request, orderId, 'fault-down', atMs);
const ended = (orderId: string, end: RunEnd['end'], atMs: number) => ({ orderId, end, atMs });
const charged = (request: number, orderId: string): LedgerEntry => ({
  type: 'charge',
  request,
  atMs: 0,
  chargeId: `ch-${orderId}`,
  key: orderId,
  orderId,
  amountCents: 500,
  bodyDigest: 'd',
});
const confirmed = (id: string) => ({
  id,
  status: 'confirmed' as const,
  totalCents: 500,
  chargeId: `ch-${id}`,
  processedAtMs: id === 'a' ? 9_000 : 17_000,
});
const mail = (id: string) => ({ messageId: `confirmation-${id}`, to: '', subject: '', text: '' });
const kill = (worker: string, ordersInFlight: string[]) => ({
  worker,
  atMs: 4_000,
  chargesInFlight: 1,
  ordersInFlight,
});

/** Three orders: one hit by the first kill, one by a fault, one by the second kill, two by the outage; all is well. */
function good(): Evidence {
  return {
    posts: [
      post('a', 'first', 201),
      post('a', 'repeat', 200),
      post('b', 'first', 201),
      post('b', 'conflict', 409),
      post('c', 'first', 201),
    ],
    kills: [kill('worker-1', ['a']), kill('worker-2', ['c'])],
    ledger: [
      ...asked(1, 'a', 'caller-gone'),
      charged(1, 'a'),
      ...asked(2, 'a', 'replayed'),
      ...asked(3, 'b', 'fault-error'),
      ...asked(4, 'b'),
      charged(4, 'b'),
      ...asked(5, 'c'),
      charged(5, 'c'),
      ...inVain(11, 'b', 10_200),
      ...inVain(12, 'c', 11_405),
    ],
    outage: {
      offAtMs: 10_000,
      onAtMs: 15_000,
      breaker: [
        { state: 'open', atMs: 10_400 },
        { state: 'half-open', atMs: 11_400 },
        { state: 'open', atMs: 11_410 },
        { state: 'half-open', atMs: 16_000 },
        { state: 'closed', atMs: 16_200 },
      ],
    },
    runs: [
      ended('b', 'failed', 10_210),
      ended('b', 'snoozed', 10_800),
      ended('c', 'snoozed', 11_420),
      ended('c', 'failed', 15_100),
      ended('b', 'completed', 17_000),
    ],
    orders: ['a', 'b', 'c'].map(confirmed),
    stock: [{ filmId: 'film-1', initialUnits: 10, units: 4, sold: 6 }],
    mails: ['a', 'b', 'c'].map(mail),
  };
}

const chargeOfC = good().ledger.findIndex(
  (entry) => entry.type === 'charge' && entry.orderId === 'c',
);

describe('the audit', () => {
  it('passes when all is well, and accounts for it', () => {
    expect(failedChecks(good())).toEqual([]);
    const { passed, account } = audit(good());
    expect(passed).toBe(true);
    expect(account).toEqual({
      orders: 3,
      charges: 3,
      ordersChargedOnce: 3,
      ordersChargedMore: 0,
      ordersNotCharged: 0,
      overchargedCents: 0,
      requests: 7,
      repeatedRequests: 4,
      repeatedByKills: 1,
      runsInFlightAtKills: 2,
      conflictsSent: 1,
      conflictsRefused: 1,
      mails: 3,
      outageCallsBeforeOpen: 1,
      outageCallsWhileOpen: 1,
      outageProbes: 1,
      outageAttemptsBeforeOpen: 1,
      outageAttemptsWhileOpen: 0,
      outagePutOff: 2,
      breakerClosedAfterMs: 1_200,
    });
  });

  const once = 'every order was charged exactly once';
  const books = 'gateway and database agree, to the cent';
  const again = 'charges were asked for again only after a kill or a gateway fault';
  const alone = 'no worker called the dead gateway while the breaker was open';
  const attempts = 'the outage consumed no attempts while the breaker was open';
  const back = 'when the gateway was back, so was everything else';
  it.each<[string, string[], (evidence: Evidence) => void]>([
    ['a second charge', [once], ({ ledger }) => ledger.push(charged(5, 'c'))],
    ['a missing charge', [once], ({ ledger }) => ledger.splice(chargeOfC, 1)],
    [
      'a charge of another amount',
      [books],
      ({ ledger }) => Object.assign(ledger[chargeOfC] ?? {}, { amountCents: 501 }),
    ],
    [
      'a charge that the database does not know',
      [books],
      ({ ledger }) => Object.assign(ledger[chargeOfC] ?? {}, { chargeId: 'ch-x' }),
    ],
    [
      'a charge for what nobody ordered',
      [books],
      ({ ledger }) => ledger.push(...asked(6, 'z'), charged(6, 'z')),
    ],
    [
      'a request without a reason',
      [again],
      ({ ledger }) => ledger.push(...asked(6, 'b', 'replayed')),
    ],
    [
      'two requests for one kill',
      [again],
      ({ ledger }) => ledger.push(...asked(6, 'a', 'replayed')),
    ],
    [
      'an order that was lost',
      ['every order came to its end', once, back],
      ({ orders, ledger }) => {
        Object.assign(orders[2] ?? {}, { status: 'placed', chargeId: null });
        ledger.splice(chargeOfC, 1);
      },
    ],
    [
      'an order that is not in the database',
      ['every order came to its end', books, back],
      ({ orders }) => orders.pop(),
    ],
    [
      'a repeat that made a second order',
      ['posting an order twice gave the same order'],
      ({ posts }) => Object.assign(posts[1] ?? {}, { status: 201 }),
    ],
    [
      'a post without an answer',
      ['posting an order twice gave the same order'],
      ({ posts }) => Object.assign(posts[4] ?? {}, { status: 0 }),
    ],
    [
      'a conflict that was taken in',
      ['another body under a known id was refused'],
      ({ posts }) => Object.assign(posts[3] ?? {}, { status: 200 }),
    ],
    [
      'a mail twice',
      ['every customer got one mail an order'],
      ({ mails }) => mails.push(mail('a')),
    ],
    ['a mail too few', ['every customer got one mail an order'], ({ mails }) => mails.pop()],
    [
      'a copy that vanished',
      ['the stock is balanced to the unit'],
      ({ stock }) => Object.assign(stock[0] ?? {}, { units: 3 }),
    ],
    ['only one kill', ['both kills hit charges in flight'], ({ kills }) => kills.pop()],
    [
      'a kill of an idle worker',
      ['both kills hit charges in flight'],
      ({ kills }) => Object.assign(kills[1] ?? {}, { chargesInFlight: 0 }),
    ],
    [
      'a call to the dead gateway that was no probe',
      [alone],
      ({ ledger }) => ledger.push(...inVain(13, 'b', 12_000)),
    ],
    [
      'a breaker that never opened',
      [alone, attempts],
      ({ outage }) => Object.assign(outage, { breaker: [] }),
    ],
    [
      'an attempt that was consumed while the breaker was open',
      [attempts],
      ({ runs }) => runs.push(ended('b', 'failed', 12_000)),
    ],
    [
      'a run that the outage made dead',
      [attempts],
      ({ runs }) => runs.push(ended('b', 'dead', 12_000)),
    ],
    [
      'a breaker that did not close again',
      [back],
      ({ outage }) => Object.assign(outage, { breaker: outage.breaker.slice(0, -1) }),
    ],
    [
      'an outage that nobody met',
      [back],
      ({ ledger, runs }) => {
        ledger.splice(-4);
        runs.splice(0);
      },
    ],
  ])('is red for %s, and for nothing else', (_, expected, plant) => {
    const evidence = good();
    plant(evidence);
    expect(failedChecks(evidence)).toEqual(expected);
    expect(audit(evidence).passed).toBe(false);
  });

  it('lets calls under way arrive until every process has heard of the opening', () => {
    const evidence = good();
    evidence.ledger.push(...inVain(13, 'b', 10_600));
    evidence.runs.push(ended('b', 'failed', 10_610));
    expect(failedChecks(evidence)).toEqual([]);
  });

  it('lets a doubled answer excuse the next request on its connection, and no other', () => {
    const evidence = good();
    const onConnection = (entries: LedgerEntry[], connection: number) =>
      entries.map((entry) => (entry.type === 'request' ? { ...entry, connection } : entry));
    evidence.ledger.push(...onConnection(asked(6, 'c', 'fault-double'), 50));
    evidence.ledger.push(...onConnection(asked(7, 'b', 'replayed'), 50));
    expect(failedChecks(evidence)).toEqual([]);
    evidence.ledger.push(...onConnection(asked(8, 'b', 'replayed'), 51));
    expect(failedChecks(evidence)).toEqual([again]);
  });
});

describe('the report', () => {
  it('names what is wrong', () => {
    const evidence = good();
    evidence.ledger.push(charged(5, 'c'));
    const lines = reportLines(audit(evidence), recoverySeconds(evidence)).join('\n');
    expect(lines).toContain(`FAIL  ${'every order was charged exactly once'}: 2 of 3 orders`);
    expect(lines).toContain('EUR 5.00 too much');
  });

  it('says how long the orders of a killed worker waited, or that one never came', () => {
    const evidence = good();
    Object.assign(evidence.orders[2] ?? {}, { processedAtMs: null });
    expect(recoverySeconds(evidence)).toEqual([5, undefined]);
  });
});
