import { Bulletproof } from '@bulletproof/core';
import { askAgain, notEnded, resultsThatDiffer } from '../audit/asked-again.js';
import { type Audit, check } from '../audit/check.js';
import {
  effectsOf,
  overlapping,
  receiptsThatDiffer,
  tokensThatDoNotGrow,
} from '../audit/effects.js';
import { ownKeysWithoutEnd } from '../audit/keys-left.js';
import { longestRecoveryMs, storiesOf } from '../audit/runs.js';
import { Crew } from '../conductor/crew.js';
import type { Stage } from '../conductor/stage.js';
import { readLedger } from '../ledger/ledger.js';
import { Watch } from '../ledger/watch.js';
import { forgetRecords } from '../sabotage/forget-records.js';
import type { Order, Scenario } from '../scenario.js';
import { type Charge, charge, chargeOf } from '../work/charge.js';

const WORKERS = 4;
const WORKER = { slots: 10, lease: '2s', deadlineMs: 25_000 };
const PACE_MS = 20;

/** Workers are killed at random moments, and replaced. */
export const workerKill: Scenario = {
  name: 'worker-kill',
  about: 'kill -9 of worker processes while they run keyed jobs with a step and an outside effect',
  jobs: { means: 'jobs', otherwise: 2_000 },
  kills: { means: 'kills of workers with calls in work', otherwise: 20 },
  sabotage: 'the records are deleted after each kill',

  async play(stage, order) {
    const { jobs, random } = order;
    const charges = Array.from({ length: jobs }, (_, nth) =>
      chargeOf(`order-${nth}`, random, PACE_MS),
    );
    const app = new Bulletproof(stage.app);
    const crew = new Crew(stage, WORKER);
    const watch = new Watch(stage.ledgerFile);
    try {
      await crew.hire(WORKERS);
      const enqueuing = app.enqueueMany(charges.map((input) => charge(input)));
      await killInTurn(stage, crew, watch, order);
      const { enqueued, refused } = await enqueuing;
      await crew.complete();
      await watch.until(() => watch.returned.size === jobs);
      await crew.dismiss();
      return await audit(stage, charges, { ...order, enqueued, refused: refused.length });
    } finally {
      watch.close();
      await app.close();
    }
  },
};

/** Each kill at a random point of its share of the work. */
async function killInTurn(
  stage: Stage,
  crew: Crew,
  watch: Watch,
  { jobs, kills, random, sabotage }: Order,
): Promise<void> {
  const share = jobs / (kills + 1);
  for (let nth = 0; nth < kills; nth += 1) {
    const due = Math.floor((nth + random.next()) * share);
    if (!(await watch.until(() => watch.returned.size >= due))) return;
    if (!(await crew.killOne(watch, random))) return;
    if (sabotage) await forgetRecords(stage);
  }
}

async function audit(
  stage: Stage,
  charges: readonly Charge[],
  { jobs, kills, enqueued, refused }: Order & { enqueued: number; refused: number },
): Promise<Audit> {
  const stories = storiesOf(readLedger(stage.ledgerFile));
  const answers = await askAgain(stage, charges);
  const effects = effectsOf(
    stories,
    charges.map(({ key }) => key),
  );
  const lost = [...new Set([...effects.missing, ...notEnded(answers)])];
  const hits = stories.kills.filter(({ inFlight }) => inFlight.length > 0);
  const inFlight = hits.flatMap((kill) => kill.inFlight);
  const attempts = [...stories.byKey.values()].flat().filter(({ attempt }) => attempt !== 1);
  const left = await ownKeysWithoutEnd(stage);
  const wrongKills = hits.length >= kills ? [] : [`${kills - hits.length} missing`];
  return {
    checks: [
      check('every job was taken', refused === 0 ? [] : ['refused'], `${enqueued} enqueued`),
      check('every kill hit work', wrongKills, `${hits.length} kills, ${inFlight.length} runs cut`),
      check('no job was lost', lost, `${jobs - lost.length} of ${jobs} ended`),
      check(
        'no effect was doubled',
        effects.doubled,
        `${effects.count} effects, ${effects.repeated} repeated of ${inFlight.length} cut`,
      ),
      check('one run at a time', overlapping(stories), 'by the order of the ledger'),
      check('fencing tokens grow', tokensThatDoNotGrow(stories), 'from run to run of a key'),
      check('steps are remembered', receiptsThatDiffer(stories), 'one effect for each key'),
      check('results match', resultsThatDiffer(answers, stories), 'record and ledger agree'),
      check(
        'a crash is no attempt',
        attempts.map(({ key }) => key),
        'every run was attempt 1',
      ),
      check('no key is left for ever', left, `${left.length} keys`),
    ],
    definitions: [
      'a kill may repeat the effect of a run that it cuts off, once, if nothing shows that the effect was recorded',
      'doubled is every other repeat; a recorded step never runs again',
    ],
    figures: {
      lost: lost.length,
      doubled: effects.doubled.length,
      repeatedByKills: effects.repeated,
      runsCut: inFlight.length,
      killsThatHit: hits.length,
      effects: effects.count,
      longestRecoveryMs: longestRecoveryMs(stories),
    },
  };
}
