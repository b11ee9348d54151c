import { askAgain, notEnded, resultsThatDiffer } from '../audit/asked-again.js';
import { type Audit, check } from '../audit/check.js';
import { effectsOf, overlapping, receiptsThatDiffer } from '../audit/effects.js';
import { storiesOf } from '../audit/runs.js';
import { Crew } from '../conductor/crew.js';
import type { Stage } from '../conductor/stage.js';
import { readLedger } from '../ledger/ledger.js';
import { Watch } from '../ledger/watch.js';
import type { Order, Scenario } from '../scenario.js';
import { type Charge, chargeOf } from '../work/charge.js';

const WORKERS = 2;
const WORKER = { slots: 10, lease: '3s', deadlineMs: 10_000 };
/** Longer than a recovery takes with this lease. */
const SILENCE_MS = 8_000;
const AT_ONCE = 10;
const PACE_MS = 10;
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** Redis dies and comes back while calls are enqueued and run. */
export const redisRestart: Scenario = {
  name: 'redis-restart',
  about:
    'kill -9 and restart of a Redis that syncs its append-only file at every write, under load',
  jobs: { means: 'jobs', otherwise: 4_000 },
  kills: { means: 'restarts', otherwise: 20 },
  sabotage: 'the server keeps nothing on disk',

  ownServer: ({ sabotage }) => (sabotage ? ['--appendonly', 'no', '--save', ''] : DURABLE),

  async play(stage, order) {
    const charges = Array.from({ length: order.jobs }, (_, nth) =>
      chargeOf(`order-${nth}`, order.random, PACE_MS),
    );
    const crew = new Crew(stage, WORKER);
    const watch = new Watch(stage.ledgerFile);
    try {
      const producer = await stage.start('producer');
      await crew.hire(WORKERS);
      const streaming = producer.ask('stream', { charges, atOnce: AT_ONCE });
      const restarts = await restartInTurn(stage, watch, order);
      await streaming;
      await watch.until(() => watch.returned.size === order.jobs, SILENCE_MS);
      await crew.dismiss();
      return await audit(stage, charges, { ...order, restarts });
    } finally {
      watch.close();
    }
  },
};

/** Each restart at a random point of its share of the enqueues; gives how many hit work. */
async function restartInTurn(stage: Stage, watch: Watch, order: Order): Promise<number> {
  const { jobs, kills, random } = order;
  let restarts = 0;
  for (let nth = 0; nth < kills; nth += 1) {
    const due = Math.floor(((nth + random.next()) * jobs) / (kills + 1));
    if (!(await watch.until(() => watch.answered >= due && watch.atWork > 0))) break;
    await stage.server.kill('SIGKILL');
    await stage.server.restart();
    restarts += 1;
  }
  return restarts;
}

async function audit(
  stage: Stage,
  charges: readonly Charge[],
  { jobs, kills, restarts }: Order & { restarts: number },
): Promise<Audit> {
  const lines = readLedger(stage.ledgerFile);
  const stories = storiesOf(lines);
  const acknowledged = new Set(
    lines.flatMap((line) =>
      line.what === 'answered' && ['enqueued', 'deduplicated'].includes(line.answer)
        ? [line.key]
        : [],
    ),
  );
  const answers = await askAgain(
    stage,
    charges.filter(({ key }) => acknowledged.has(key)),
  );
  // A worker that was cut off from Redis for longer than its lease has lost its call.
  const effects = effectsOf(stories, acknowledged, ({ end }) => end?.error === 'LEASE_LOST');
  const lost = [...new Set([...effects.missing, ...notEnded(answers)])];
  const runs = [...stories.byKey.values()].flat();
  const threw = runs.filter(({ end }) => end?.how === 'threw');
  const attempts = runs.filter(({ attempt }) => attempt !== 1);
  return {
    checks: [
      check(
        'every restart hit work',
        restarts === kills ? [] : [`${kills - restarts} missing`],
        `${restarts} restarts with runs at work`,
      ),
      check(
        'every job was acknowledged',
        acknowledged.size === jobs ? [] : ['some were not'],
        `${acknowledged.size} of ${jobs}`,
      ),
      check(
        'nothing acknowledged was lost',
        lost,
        `${acknowledged.size - lost.length} of ${acknowledged.size} ended`,
      ),
      check(
        'no effect was doubled',
        effects.doubled,
        `${effects.count} effects, ${effects.repeated} repeated by ${threw.length} runs cut off`,
      ),
      check('one run at a time', overlapping(stories), 'by the order of the ledger'),
      check('steps are remembered', receiptsThatDiffer(stories), 'one effect for each key'),
      check('results match', resultsThatDiffer(answers, stories), 'record and ledger agree'),
      check(
        'a restart is no attempt',
        attempts.map(({ key }) => key),
        'every run was attempt 1',
      ),
    ],
    definitions: [
      'acknowledged: enqueue() has resolved; its producer repeats what was not',
      'a run may repeat an effect only when Redis was away for longer than the lease of the run that made it',
    ],
    figures: {
      lost: lost.length,
      doubled: effects.doubled.length,
      restarts,
      acknowledged: acknowledged.size,
      repeated: effects.repeated,
      runs: runs.length,
    },
  };
}
