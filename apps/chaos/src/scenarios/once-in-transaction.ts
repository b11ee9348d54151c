import { Bulletproof } from '@bulletproof/core';
import { type Audit, check } from '../audit/check.js';
import { ownKeysWithoutEnd } from '../audit/keys-left.js';
import type { Stage } from '../conductor/stage.js';
import type { Crash } from '../postgres/boundaries.js';
import { type Database, openDatabase } from '../postgres/database.js';
import { Lives } from '../postgres/lives.js';
import type { Order, Scenario } from '../scenario.js';
import { CUTS, pay } from '../work/paid-once.js';

const PAYERS = 2;
const TABLE = 'CREATE TABLE payments (id bigserial PRIMARY KEY, order_id integer NOT NULL)';
const AT_ONCE = 500;

/** Every payment loses its connection at a boundary of its transaction, and processes are killed at each. */
export const onceInTransaction: Scenario = {
  name: 'once-in-transaction',
  about:
    'payments in PostgreSQL, each cut off at a boundary of its transaction; processes are killed at each, too',
  jobs: { means: 'payments', otherwise: 2_000 },
  kills: { means: 'kills of processes, at each boundary in turn', otherwise: CUTS.length },
  sabotage: 'the effect is recorded in Redis after its commit',

  async play(stage, order) {
    const database = await openDatabase(stage, TABLE);
    const settings = { databaseUrl: database.url, inRedis: order.sabotage };
    const payers = Array.from(
      { length: PAYERS },
      (_, nth) => new Lives(stage, { role: 'payer', settings, crashes: crashesOf(order, nth) }),
    );
    const app = new Bulletproof(stage.app);
    try {
      const numbers = Array.from({ length: order.jobs }, (_, number) => number);
      const enqueued = await app.enqueueMany(numbers.map((number) => pay({ order: number })));
      const ended = resultsOf(app, numbers);
      // A payer ends only when it is told; one that ends before has broken down.
      await Promise.race([ended, ...payers.map((payer) => payer.ended)]);
      const wrong = await ended;
      await Promise.all(payers.map((payer) => payer.end()));
      const hits = payers.reduce((sum, { kills }) => sum + kills, 0);
      return await audit(stage, database, { ...order, hits, wrong, taken: enqueued.enqueued });
    } finally {
      await app.close();
    }
  },
};

/** Those of one payer; each at a random one of the runs that come to the boundary. */
function crashesOf({ jobs, kills, random, sabotage }: Order, payer: number): Crash[] {
  const places = CUTS.filter(
    ({ statement }) => !sabotage || !/bulletproof|set_config/.test(statement),
  );
  return Array.from({ length: kills }, (_, nth) => nth)
    .filter((nth) => nth % PAYERS === payer)
    .flatMap((nth) => {
      const place = places[nth % places.length];
      const most = Math.max(1, Math.floor(jobs / kills / 2));
      return place ? [{ ...place, nth: random.between(1, most) }] : [];
    });
}

/** Waits for all; gives the payments that did not end with their own result. */
async function resultsOf(app: Bulletproof, numbers: readonly number[]): Promise<string[]> {
  const wrong: string[] = [];
  const look = async (order: number): Promise<void> => {
    const handle = await app.enqueue(pay({ order }));
    const result = await handle.result({ timeout: '10m' }).catch(() => undefined);
    if (result !== order) wrong.push(String(order));
  };
  for (let at = 0; at < numbers.length; at += AT_ONCE) {
    await Promise.all(numbers.slice(at, at + AT_ONCE).map(look));
  }
  return wrong;
}

interface Outcome extends Order {
  readonly hits: number;
  readonly wrong: readonly string[];
  readonly taken: number;
}

async function audit(
  stage: Stage,
  { pool }: Database,
  { jobs, kills, hits, wrong, taken }: Outcome,
): Promise<Audit> {
  const { rows } = await pool.query<{ order_id: number; times: number }>(
    'SELECT order_id, count(*)::int AS times FROM payments GROUP BY order_id',
  );
  const times = new Map(rows.map((row) => [row.order_id, row.times]));
  const numbers = Array.from({ length: jobs }, (_, number) => number);
  const lost = numbers.filter((order) => !times.has(order)).map(String);
  const doubled = numbers.filter((order) => (times.get(order) ?? 0) > 1).map(String);
  const left = await ownKeysWithoutEnd(stage);
  return {
    checks: [
      check('every payment was taken', taken === jobs ? [] : ['refused'], `${taken} enqueued`),
      check('every kill hit', hits >= kills ? [] : [`${kills - hits} missing`], `${hits} kills`),
      check('every payment was made', lost, `${jobs - lost.length} of ${jobs}`),
      check('no payment was made twice', doubled, `${doubled.length} doubled`),
      check('every call ended with its result', wrong, `${jobs - wrong.length} results`),
      check('no key is left for ever', left, `${left.length} keys`),
    ],
    definitions: [
      `the first run of every payment loses its connection before or after one of ${CUTS.length / 2} statements`,
    ],
    figures: { lost: lost.length, doubled: doubled.length, killsThatHit: hits, cuts: jobs },
  };
}
