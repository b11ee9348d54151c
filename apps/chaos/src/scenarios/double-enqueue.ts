import { Bulletproof } from '@bulletproof/core';
import { type Audit, check } from '../audit/check.js';
import { effectsOf } from '../audit/effects.js';
import { storiesOf } from '../audit/runs.js';
import type { Actor } from '../conductor/actor.js';
import { Deliveries } from '../conductor/deliveries.js';
import type { Stage } from '../conductor/stage.js';
import { readLedger } from '../ledger/ledger.js';
import type { EnqueueAnswer } from '../roles/producer.js';
import { forgetRecords } from '../sabotage/forget-records.js';
import type { Order, Scenario } from '../scenario.js';
import { type Charge, charge, chargeOf, type Receipt } from '../work/charge.js';

const PRODUCERS = 6;
const WORKER = { slots: 20, deadlineMs: 10_000 };
const PAGE = 50;
const OTHER_INPUT = 0.2;
const CONFLICT = 'IDEMPOTENCY_CONFLICT';

/** Many producers enqueue the same keys at once, again when they run, and again when BullMQ has forgotten them. */
export const doubleEnqueue: Scenario = {
  name: 'double-enqueue',
  about: `${PRODUCERS} producers enqueue the same keys at once, one in five with another input`,
  jobs: { means: 'keys', otherwise: 1_000 },
  sabotage: 'the records are deleted when the first wave has ended',

  async play(stage, order) {
    const keys = Array.from({ length: order.jobs }, (_, nth) => `order-${nth}`);
    const producers = await Promise.all(
      Array.from({ length: PRODUCERS }, () => stage.start('producer')),
    );
    await Promise.all([stage.start('worker', WORKER), stage.start('worker', WORKER)]);
    const told: Told[] = [];
    const wave = async (): Promise<void> => {
      for (let at = 0; at < keys.length; at += PAGE) {
        told.push(...(await enqueueAtOnce(producers, keys.slice(at, at + PAGE), order)));
      }
    };
    await wave();
    const results = await resultsFor(producers, told);
    if (order.sabotage) await forgetRecords(stage);
    await wave();
    await resultsFor(producers, told.slice(-keys.length * PRODUCERS));
    await new Deliveries(stage).forget([...new Set(told.flatMap(({ id }) => id ?? []))]);
    await wave();
    const many = await enqueueMany(stage, keys, told);
    return audit(stage, keys, { told, results, many });
  },
};

/** What one producer was told of one key. */
interface Told extends EnqueueAnswer {
  readonly key: string;
  readonly variant: number;
}

/** All producers send the same keys in the same order at the same time. */
async function enqueueAtOnce(
  producers: readonly Actor[],
  keys: readonly string[],
  { random }: Order,
): Promise<Told[]> {
  const sent = producers.map(() =>
    keys.map(
      (key): Charge => ({
        ...chargeOf(key, random, 0),
        variant: random.next() < OTHER_INPUT ? 2 : 1,
      }),
    ),
  );
  const answers = await Promise.all(
    producers.map((producer, nth) =>
      producer.ask<EnqueueAnswer[]>('enqueue', { charges: sent[nth] }),
    ),
  );
  return sent.flatMap((charges, nth) =>
    charges.map(({ key, variant }, at) => ({ key, variant, ...answers[nth]?.[at] })),
  );
}

/** Every producer asks for the results of all calls that it was told of. */
async function resultsFor(
  producers: readonly Actor[],
  told: readonly Told[],
): Promise<ReadonlyMap<string, readonly (Receipt | undefined)[]>> {
  const ids = [...new Set(told.flatMap(({ id }) => id ?? []))];
  const all = await Promise.all(
    producers.map((producer) => producer.ask<Receipt[]>('results', { ids })),
  );
  return new Map(ids.map((id, at) => [id, all.map((results) => results[at])]));
}

/** Once more, in pages, with the input that won, and with the other one. */
async function enqueueMany(stage: Stage, keys: readonly string[], told: readonly Told[]) {
  const won = new Map(
    told.flatMap((one) => (one.id === undefined ? [] : [[one.key, one.variant]])),
  );
  const app = new Bulletproof(stage.app);
  try {
    const same = keys.map((key) => charge({ key, variant: won.get(key) ?? 1, paceMs: [0, 0, 0] }));
    const other = keys.map((key) => charge({ key, variant: 3, paceMs: [0, 0, 0] }));
    const account = await app.enqueueMany([...same, ...other]);
    return { ...account, refused: account.refused.length };
  } finally {
    await app.close();
  }
}

function audit(
  stage: Stage,
  keys: readonly string[],
  found: {
    told: readonly Told[];
    results: ReadonlyMap<string, readonly (Receipt | undefined)[]>;
    many: { enqueued: number; deduplicated: number; refused: number };
  },
): Audit {
  const { told, results, many } = found;
  const stories = storiesOf(readLedger(stage.ledgerFile));
  const effects = effectsOf(stories, keys);
  const byKey = new Map(keys.map((key) => [key, [] as Told[]]));
  for (const one of told) byKey.get(one.key)?.push(one);
  const wrong = (is: (told: readonly Told[], key: string) => boolean): string[] =>
    [...byKey].flatMap(([key, all]) => (is(all, key) ? [key] : []));
  const accepted = (all: readonly Told[]): Told[] => all.filter(({ id }) => id !== undefined);
  const refused = told.filter(({ error }) => error !== undefined);
  const isManyRight =
    many.enqueued === 0 && many.deduplicated === keys.length && many.refused === keys.length;
  return {
    checks: [
      check('no key was lost', effects.missing, `${keys.length - effects.missing.length} ran`),
      check('no effect was doubled', effects.doubled, `${effects.count} effects`),
      check(
        'one run of each key',
        wrong((_, key) => stories.byKey.get(key)?.length !== 1),
        `${told.length} enqueues of ${keys.length} keys`,
      ),
      check(
        'one enqueue won',
        wrong((all) => all.filter(({ deduplicated }) => deduplicated === false).length !== 1),
        'the others were told that the call is known',
      ),
      check(
        'all got the same call',
        wrong((all) => new Set(accepted(all).map(({ id }) => id)).size !== 1),
        'by id',
      ),
      check(
        'conflicts were refused',
        wrong((all) => {
          const inputs = new Set(accepted(all).map(({ variant }) => variant));
          return (
            inputs.size !== 1 ||
            all.some(({ error, variant }) => error !== undefined && inputs.has(variant))
          );
        }),
        `${refused.length} with another input than the first`,
      ),
      check(
        'no other error',
        [...new Set(refused.flatMap(({ error = '' }) => (error === CONFLICT ? [] : [error])))],
        CONFLICT,
      ),
      check(
        'the same results for all',
        [...results].flatMap(([id, all]) =>
          new Set(all.map((receipt) => receipt?.run)).size === 1 ? [] : [id],
        ),
        `${results.size} results, each for ${PRODUCERS} producers`,
      ),
      check(
        'enqueueMany says the same',
        isManyRight ? [] : [JSON.stringify(many)],
        `${many.deduplicated} known, ${many.refused} refused`,
      ),
    ],
    definitions: [
      'three waves: before the calls ran, when they had ended, and when BullMQ had forgotten their jobs',
    ],
    figures: {
      lost: effects.missing.length,
      doubled: effects.doubled.length,
      enqueues: told.length,
      conflicts: refused.length,
    },
  };
}
