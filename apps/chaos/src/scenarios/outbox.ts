import { Bulletproof } from '@bulletproof/core';
import { enqueueInTransaction } from '@bulletproof/postgres';
import { type Audit, check } from '../audit/check.js';
import { ownKeysWithoutEnd } from '../audit/keys-left.js';
import type { Stage } from '../conductor/stage.js';
import { readLedger } from '../ledger/ledger.js';
import { boundariesOf, type Crash } from '../postgres/boundaries.js';
import { type Database, openDatabase } from '../postgres/database.js';
import { Lives } from '../postgres/lives.js';
import type { EnqueueWhen } from '../roles/outbox-producer.js';
import type { Order, Scenario } from '../scenario.js';
import { isRolledBack, note, ROLLED_BACK } from '../work/order-note.js';

const PRODUCERS = 2;
const RELAYS = 2;
const BATCH = 50;
const LOOK_MS = 100;
const MOST_FED = 1_000;

/** Of a producer: around the commit of its order. After it is between commit and relay. */
const PLACING = boundariesOf(['BEGIN', 'INSERT INTO orders', 'COMMIT', 'ROLLBACK']);
/** Of a relay: after it took rows is between relay and enqueue, before the delete between enqueue and acknowledgement. */
const RELAYING = boundariesOf(['BEGIN', 'SELECT id, call_id', 'DELETE', 'COMMIT']);

/** Orders are placed, their jobs relayed and run; producers and relays are killed at every boundary. */
export const outbox: Scenario = {
  name: 'outbox',
  about: `${PRODUCERS} producers place orders with a job in PostgreSQL, ${RELAYS} relays; one order in ${ROLLED_BACK} is rolled back`,
  jobs: { means: 'orders', otherwise: 5_000 },
  kills: { means: 'kills of producers and relays, at each boundary in turn', otherwise: 32 },
  sabotage: 'one producer enqueues after its commit, the other before it',

  async play(stage, order) {
    const database = await openDatabase(stage, 'CREATE TABLE orders (id integer PRIMARY KEY)');
    await Promise.all([stage.start('note-worker'), stage.start('note-worker')]);
    const of = share(order);
    const relays = Array.from({ length: RELAYS }, (_, nth) => {
      const settings = { databaseUrl: database.url, batch: BATCH };
      return new Lives(stage, { role: 'outbox-relay', settings, crashes: of.relays[nth] ?? [] });
    });
    const producers = Array.from({ length: PRODUCERS }, (_, rest) => {
      const settings = {
        databaseUrl: database.url,
        orders: order.jobs,
        rest,
        producers: PRODUCERS,
        when: whenOf(order.sabotage, rest),
      };
      const crashes = of.producers[rest] ?? [];
      return new Lives(stage, { role: 'outbox-producer', settings, crashes });
    });
    const work = (async () => {
      await Promise.all(producers.map(({ ended }) => ended));
      await feed(database, relays, order.jobs);
      await idle(stage, database);
    })();
    // A relay ends only when it is told; one that ends before has broken down.
    await Promise.race([work, ...relays.map(({ ended }) => ended)]);
    await Promise.all(relays.map((relay) => relay.end()));
    const kills = [...producers, ...relays].reduce((sum, lives) => sum + lives.kills, 0);
    return audit(stage, database, { ...order, hits: kills });
  },
};

function whenOf(sabotage: boolean, rest: number): EnqueueWhen {
  if (!sabotage) return 'with';
  return rest === 0 ? 'after' : 'before';
}

/** Deals the kills out, boundary by boundary, so that there is work enough left for the last one. */
function share({ jobs, kills, random, sabotage }: Order) {
  const producers: Crash[][] = Array.from({ length: PRODUCERS }, () => []);
  const relays: Crash[][] = Array.from({ length: RELAYS }, () => []);
  for (let nth = 0; nth < kills; nth += 1) {
    // Sabotaged, there is nothing to relay.
    const relaying = nth % 2 === 1 && !sabotage;
    const boundaries = relaying ? RELAYING : PLACING;
    const boundary = boundaries[Math.floor(nth / 2) % boundaries.length];
    if (!boundary) continue;
    const rolledBack = boundary.statement === 'ROLLBACK' ? ROLLED_BACK : 1;
    const most = relaying ? jobs / BATCH / kills : jobs / kills / 2 / rolledBack;
    const crash = { ...boundary, nth: random.between(1, Math.max(1, Math.floor(most))) };
    const group = relaying ? relays : producers;
    group[Math.floor(nth / 2 / boundaries.length + nth / 2) % group.length]?.push(crash);
  }
  return { producers, relays };
}

/** Places more orders, one by one, as long as a relay is still to be killed at its work. */
async function feed({ pool }: Database, relays: readonly Lives[], from: number): Promise<void> {
  for (let order = from; order < from + MOST_FED; order += 1) {
    if (!relays.some(({ isInDanger }) => isInDanger)) return;
    if (isRolledBack(order)) continue;
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO orders (id) VALUES ($1)', [order]);
    await enqueueInTransaction(client, note({ order }));
    await client.query('COMMIT');
    client.release();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Resolves when the outbox is empty and BullMQ has nothing to do. */
async function idle(stage: Stage, { pool }: Database): Promise<void> {
  const app = new Bulletproof(stage.app);
  try {
    for (;;) {
      const { rows } = await pool.query('SELECT 1 FROM bulletproof_outbox LIMIT 1');
      const queues = await app.queues.status();
      const left = queues.reduce(
        (sum, { waiting, delayed, running }) => sum + waiting + delayed + running,
        0,
      );
      if (rows.length === 0 && left === 0) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } finally {
    await app.close();
  }
}

async function audit(
  stage: Stage,
  { pool }: Database,
  { jobs, kills, hits }: Order & { hits: number },
): Promise<Audit> {
  const { rows } = await pool.query<{ id: number }>('SELECT id FROM orders');
  const committed = new Set(rows.map(({ id }) => String(id)));
  const runs = new Map<string, number>();
  for (const line of readLedger(stage.ledgerFile)) {
    if (line.what === 'acted') runs.set(line.key, (runs.get(line.key) ?? 0) + 1);
  }
  const numbers = Array.from({ length: jobs }, (_, order) => order);
  const unplaced = numbers.filter((order) => isRolledBack(order) === committed.has(String(order)));
  const lost = [...committed].filter((order) => !runs.has(order));
  const ghosts = [...runs.keys()].filter((order) => !committed.has(order));
  const doubled = [...runs].flatMap(([order, times]) => (times > 1 ? [order] : []));
  const left = await ownKeysWithoutEnd(stage);
  return {
    checks: [
      check('every kill hit', hits >= kills ? [] : [`${kills - hits} missing`], `${hits} kills`),
      check(
        'every order was placed',
        unplaced.map(String),
        `${committed.size} committed, ${numbers.filter(isRolledBack).length} rolled back`,
      ),
      check('no job was lost', lost, `${committed.size - lost.length} of ${committed.size} ran`),
      check('no job is a ghost', ghosts, `${ghosts.length} ran without an order`),
      check(
        'no job ran twice',
        doubled,
        `${[...runs.values()].reduce((sum, times) => sum + times, 0)} runs`,
      ),
      check('no key is left for ever', left, `${left.length} keys`),
    ],
    definitions: [
      'lost: the order is committed and its job never ran; a ghost: the job ran and the order is not there',
    ],
    figures: {
      lost: lost.length,
      doubled: doubled.length,
      ghosts: ghosts.length,
      committed: committed.size,
      rolledBack: numbers.filter(isRolledBack).length,
      killsThatHit: hits,
    },
  };
}
