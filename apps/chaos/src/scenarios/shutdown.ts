import { Bulletproof } from '@bulletproof/core';
import { askAgain, notEnded, resultsThatDiffer } from '../audit/asked-again.js';
import { type Audit, check } from '../audit/check.js';
import { effectsOf, receiptsThatDiffer } from '../audit/effects.js';
import { storiesOf } from '../audit/runs.js';
import { stalledDeliveries } from '../audit/stalled.js';
import type { Actor } from '../conductor/actor.js';
import { Crew } from '../conductor/crew.js';
import type { Stage } from '../conductor/stage.js';
import { readLedger } from '../ledger/ledger.js';
import { Watch } from '../ledger/watch.js';
import type { Order, Scenario } from '../scenario.js';
import { type Charge, charge, chargeOf } from '../work/charge.js';

const WORKERS = 10;
const WORKER = { slots: 5, lease: '5s', deadlineMs: 300 };
const PACE_MS = 30;
/** One call in so many outlives its worker's deadline; every other of these does not listen to its signal. */
const LONG_EVERY = 8;
const LONG_MS = 1_500;
const HANDED_BACK = 'SHUTDOWN';

/** Workers are replaced one after the other, as a platform does at a deployment. */
export const shutdown: Scenario = {
  name: 'shutdown',
  about: `a rolling restart of ${WORKERS} worker processes by SIGTERM, under load`,
  jobs: { means: 'jobs', otherwise: 3_000 },
  kills: { means: 'workers replaced', otherwise: 20 },
  sabotage: 'SIGKILL in place of SIGTERM',

  async play(stage, order) {
    const charges = Array.from({ length: order.jobs }, (_, nth) => chargeNo(nth, order));
    const app = new Bulletproof(stage.app);
    const crew = new Crew(stage, WORKER);
    const watch = new Watch(stage.ledgerFile);
    try {
      await crew.hire(WORKERS);
      const endings = await replaceInTurn(crew, watch, { ...order, app, charges });
      await watch.until(() => watch.returned.size === order.jobs);
      endings.push(...(await crew.dismiss()));
      return await audit(stage, charges, endings);
    } finally {
      watch.close();
      await app.close();
    }
  },
};

function chargeNo(nth: number, { random }: Order): Charge {
  const input = chargeOf(`order-${nth}`, random, PACE_MS);
  if (nth % LONG_EVERY !== 0) return input;
  return { ...input, paceMs: [0, 0, LONG_MS], isDeaf: nth % (2 * LONG_EVERY) === 0 };
}

type Ending = number | NodeJS.Signals | undefined;

/** At each share of the work the oldest that has calls at work goes, and a new one comes. */
async function replaceInTurn(
  crew: Crew,
  watch: Watch,
  order: Order & { readonly app: Bulletproof; readonly charges: readonly Charge[] },
): Promise<Ending[]> {
  const { app, charges, kills, sabotage } = order;
  const endings: Ending[] = [];
  const share = Math.ceil(charges.length / (kills + 1));
  for (let nth = 0; nth <= kills; nth += 1) {
    const next = charges.slice(nth * share, (nth + 1) * share);
    await app.enqueueMany(next.map((input) => charge(input)));
    if (nth === kills) break;
    const atWork = (): Actor | undefined =>
      crew.members.find(({ pid }) => watch.inFlight(pid).size > 0);
    await watch.until(() => atWork() !== undefined);
    const oldest = atWork();
    if (!oldest) break;
    await crew.relieve(oldest, sabotage ? 'SIGKILL' : 'SIGTERM');
    endings.push(oldest.ending);
  }
  return endings;
}

async function audit(
  stage: Stage,
  charges: readonly Charge[],
  endings: readonly Ending[],
): Promise<Audit> {
  const stories = storiesOf(readLedger(stage.ledgerFile));
  const answers = await askAgain(stage, charges);
  const effects = effectsOf(
    stories,
    charges.map(({ key }) => key),
    () => false,
  );
  const lost = [...new Set([...effects.missing, ...notEnded(answers)])];
  const runs = [...stories.byKey.values()].flat();
  const attempts = runs.filter(({ attempt }) => attempt !== 1);
  const heard = runs.filter(({ end }) => end?.error === HANDED_BACK);
  const deaf = runs.filter(({ end }) => end === undefined);
  const errors = runs.flatMap(({ end }) => end?.error ?? []);
  const stalled = await stalledDeliveries(stage);
  return {
    checks: [
      check(
        'workers ended in order',
        endings.filter((ending) => ending !== 0).map(String),
        `${endings.length} exits`,
      ),
      check('no job was lost', lost, `${charges.length - lost.length} of ${charges.length} ended`),
      check('no stall was counted', stalled, 'by BullMQ’s counters and events'),
      check(
        'no attempt was consumed',
        attempts.map(({ key }) => key),
        'every run was attempt 1',
      ),
      check('no effect was doubled', effects.doubled, `${effects.count} effects`),
      check('steps are remembered', receiptsThatDiffer(stories), 'one effect for each key'),
      check('results match', resultsThatDiffer(answers, stories), 'record and ledger agree'),
      check(
        'calls were handed back',
        heard.length + deaf.length > 0 ? [] : ['none'],
        `${heard.length} heard the signal, ${deaf.length} were left behind`,
      ),
      check(
        'no other error',
        errors.filter((error) => error !== HANDED_BACK),
        HANDED_BACK,
      ),
    ],
    definitions: [
      `a closing worker lets handlers go on for ${WORKER.deadlineMs} ms, then aborts their signals and hands the calls back`,
      'no excuse is accepted for a repeated effect',
    ],
    figures: {
      lost: lost.length,
      doubled: effects.doubled.length,
      stalled: stalled.length,
      replaced: endings.length,
      handedBack: heard.length + deaf.length,
    },
  };
}
