import { type Check, check } from './check.js';
import type { Facts } from './facts.js';
import { outageChecks } from './outage-checks.js';
import { isUnexplained, repeatedByKills, repeatsWithReason } from './repeats.js';

/** All that must be true at the end of the story. */
export function allChecks(facts: Facts): Check[] {
  return [
    finished(facts),
    chargedOnce(facts),
    booksAgree(facts),
    repeatsExplained(facts),
    repeatedPosts(facts),
    conflictsRefused(facts),
    mailedOnce(facts),
    stockBalanced(facts),
    killsHit(facts),
    ...outageChecks(facts.outageFacts),
  ];
}

function finished({ ids, orderOf }: Facts): Check {
  const wrong = ids.filter((id) => orderOf.get(id)?.status !== 'confirmed');
  return check('every order came to its end', wrong, share(ids, wrong));
}

function chargedOnce({ ids, chargesOf }: Facts): Check {
  const wrong = ids.filter((id) => chargesOf.get(id)?.length !== 1);
  const charges = ids.reduce((sum, id) => sum + (chargesOf.get(id)?.length ?? 0), 0);
  return check(
    'every order was charged exactly once',
    wrong,
    `${share(ids, wrong)} orders, ${charges} charges`,
  );
}

function booksAgree({ ids, chargesOf, orderOf }: Facts): Check {
  const known = new Set(ids);
  const wrong = [...chargesOf].flatMap(([id, charges]) => {
    const order = orderOf.get(id);
    const agrees = charges.every(
      ({ amountCents, chargeId }) =>
        amountCents === order?.totalCents && chargeId === order.chargeId,
    );
    return known.has(id) && agrees ? [] : [id];
  });
  return check(
    'gateway and database agree, to the cent',
    wrong,
    wrong.length === 0 ? 'no difference' : `${wrong.length} orders differ`,
  );
}

function repeatsExplained({ ledger, kills }: Facts): Check {
  const repeats = repeatsWithReason(ledger, kills);
  const wrong = repeats.filter(isUnexplained).map(({ key }) => key);
  const count = repeats.reduce((sum, repeat) => sum + repeat.count, 0);
  const inFlight = kills.reduce((sum, kill) => sum + kill.ordersInFlight.length, 0);
  return check(
    'charges were asked for again only after a kill or a gateway fault',
    wrong,
    `${repeatedByKills(repeats)} repeated with ${inFlight} runs in flight at the kills, ${count - repeatedByKills(repeats)} after faults`,
  );
}

function repeatedPosts({ ids, posts }: Facts): Check {
  const statuses = new Map<string, number[]>(ids.map((id) => [id, []]));
  for (const { post, status } of posts) {
    if (post.kind !== 'conflict') statuses.get(post.body.id)?.push(status);
  }
  const wrong = ids.filter((id) => {
    const [first, ...others] = (statuses.get(id) ?? []).sort((a, b) => b - a);
    return first !== 201 || others.some((status) => status !== 200);
  });
  const repeats = posts.filter(({ post }) => post.kind === 'repeat').length;
  return check(
    'posting an order twice gave the same order',
    wrong,
    `${repeats} repeats, ${wrong.length} wrong answers`,
  );
}

function conflictsRefused({ posts }: Facts): Check {
  const conflicts = posts.filter(({ post }) => post.kind === 'conflict');
  const wrong = conflicts.filter(({ status }) => status !== 409).map(({ post }) => post.body.id);
  return check('another body under a known id was refused', wrong, share(conflicts, wrong));
}

function mailedOnce({ ids, mails, mailsOf }: Facts): Check {
  const wrong = ids.filter((id) => mailsOf.get(id)?.length !== 1);
  return check(
    'every customer got one mail an order',
    wrong,
    `${share(ids, wrong)} orders, ${mails.length} mails`,
  );
}

function stockBalanced({ stock }: Facts): Check {
  const off = stock.filter(({ initialUnits, units, sold }) => initialUnits - sold !== units);
  const units = off.reduce(
    (sum, row) => sum + Math.abs(row.initialUnits - row.sold - row.units),
    0,
  );
  const wrong = off.map(({ filmId }) => filmId);
  return check('the stock is balanced to the unit', wrong, `${units} units off`);
}

function killsHit({ kills }: Facts): Check {
  const wrong = kills
    .filter((kill) => kill.chargesInFlight === 0 || kill.ordersInFlight.length === 0)
    .map(({ worker }) => worker);
  if (kills.length < 2) wrong.push('fewer than two kills');
  const found = kills.map(({ chargesInFlight }) => chargesInFlight).join(' and ');
  return check('both kills hit charges in flight', wrong, found || 'no kill');
}

function share(all: readonly unknown[], wrong: readonly unknown[]): string {
  return `${all.length - wrong.length} of ${all.length}`;
}
