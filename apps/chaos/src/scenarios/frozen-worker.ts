import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallStatus } from '@bulletproof/core';
import { type Audit, check } from '../audit/check.js';
import { effectsOf, tokensThatDoNotGrow } from '../audit/effects.js';
import { storiesOf } from '../audit/runs.js';
import type { Actor } from '../conductor/actor.js';
import type { Stage } from '../conductor/stage.js';
import { Successor } from '../conductor/successor.js';
import { readLedger } from '../ledger/ledger.js';
import { forgetRecords } from '../sabotage/forget-records.js';
import type { Scenario } from '../scenario.js';
import { type Act, LATE_WRITES, type LateReport, TAKEN_OVER } from '../work/act.js';

const LANES = ['lane-1', 'lane-2', 'lane-3', 'lane-4'];
const LEASE = '1s';

/** Workers stand still for longer than their lease, others take over, and the frozen ones wake. */
export const frozenWorker: Scenario = {
  name: 'frozen-worker',
  about:
    'workers stand still (blocked loop, SIGSTOP) longer than their lease while others take over',
  jobs: { means: 'calls at work in each frozen worker', otherwise: LATE_WRITES.length },
  kills: { means: 'standstills', otherwise: 100 },
  sabotage: 'the records are deleted before the frozen worker wakes',

  async play(stage, { jobs, kills, sabotage }) {
    const lanes = await Promise.all(LANES.map((name) => Lane.open(stage, name, jobs)));
    try {
      const shares = lanes.map((lane, nth) =>
        lane.play(Math.floor((kills + LANES.length - 1 - nth) / LANES.length), sabotage),
      );
      const rounds = (await Promise.all(shares)).flat();
      return await audit(stage, rounds, { kills, calls: kills * jobs });
    } finally {
      await Promise.all(lanes.map((lane) => lane.close()));
    }
  },
};

/** What came of a standstill. */
interface Round {
  readonly kind: 'blocked' | 'stopped';
  readonly reports: readonly LateReport[];
  readonly statuses: readonly { readonly key: string; readonly status: CallStatus }[];
}

/** A queue of its own with one worker that is frozen again and again, and the one that takes over. */
class Lane {
  readonly #stage: Stage;
  readonly #name: string;
  readonly #calls: number;
  readonly #freezer: Actor;
  readonly #successor: Successor;

  private constructor(stage: Stage, name: string, with_: { calls: number; freezer: Actor }) {
    this.#stage = stage;
    this.#name = name;
    this.#calls = with_.calls;
    this.#freezer = with_.freezer;
    this.#successor = new Successor(stage, { lease: LEASE, queues: LANES });
  }

  static async open(stage: Stage, name: string, calls: number): Promise<Lane> {
    // No slot to spare: a worker that stands still in BullMQ's blocking read swallows the word that wakes the others.
    const more = { lease: LEASE, lanes: LANES, lane: name, slots: calls };
    return new Lane(stage, name, { calls, freezer: await stage.start('freezer', more) });
  }

  async play(count: number, sabotage: boolean): Promise<Round[]> {
    const rounds: Round[] = [];
    for (let nth = 1; nth <= count; nth += 1) {
      rounds.push(await this.#round(nth, nth % 2 === 0 ? 'blocked' : 'stopped', sabotage));
    }
    return rounds;
  }

  close(): Promise<void> {
    return this.#successor.close();
  }

  async #round(nth: number, kind: Round['kind'], sabotage: boolean): Promise<Round> {
    const { app, act } = this.#successor;
    const count = this.#calls;
    const acts = Array.from({ length: count }, (_, at): Act => {
      const late = LATE_WRITES[at % LATE_WRITES.length] ?? 'complete';
      return { key: `${this.#name}-${nth}-${at}-${late}`, late };
    });
    const handles = await Promise.all(
      acts.map((input) => app.enqueue(act(input, { queue: this.#name }))),
    );
    await this.#freezer.ask('waiting', { count });
    const wake = await this.#freeze(kind, nth);
    const worker = await app.work({ queues: { [this.#name]: count } });
    await Promise.all(handles.map((handle) => handle.result({ timeout: '60s' })));
    await worker.close();
    if (sabotage) await forgetRecords(this.#stage);
    await wake();
    const reports = await this.#freezer.ask<LateReport[]>('reports', { count });
    const statuses = await Promise.all(
      handles.map(async (handle, at) => ({
        key: acts[at]?.key ?? '',
        status: await handle.status(),
      })),
    );
    return { kind, reports, statuses };
  }

  /** Resolves when the worker stands still, with what wakes it. */
  async #freeze(kind: Round['kind'], nth: number): Promise<() => Promise<void>> {
    if (kind === 'stopped') {
      await this.#freezer.signal('SIGSTOP');
      const going = this.#freezer.ask('goOn');
      return async () => {
        await this.#freezer.signal('SIGCONT');
        await going;
      };
    }
    const file = join(this.#stage.folder, `${this.#name}-${nth}`);
    const blocked = this.#freezer.ask('block', { file });
    return async () => {
      await writeFile(file, '');
      await blocked;
    };
  }
}

async function audit(
  stage: Stage,
  rounds: readonly Round[],
  { kills, calls }: { kills: number; calls: number },
): Promise<Audit> {
  const stories = storiesOf(readLedger(stage.ledgerFile));
  const reports = rounds.flatMap((round) => round.reports);
  const statuses = rounds.flatMap((round) => round.statuses);
  // The frozen run made its effect and could not record it: it is made again. Nobody else's may be.
  const effects = effectsOf(
    stories,
    stories.byKey.keys(),
    ({ key, recordedAt }) => key.endsWith('step') && recordedAt === undefined,
  );
  const named = (late: LateReport['late']): LateReport[] =>
    reports.filter((report) => report.late === late);
  const direct = reports.filter(({ late }) => late !== 'complete' && late !== 'fail');
  const taken = direct.filter(({ answer, aborted }) => answer !== 'LEASE_LOST' || !aborted);
  const kept = reports.filter(({ end }) => end !== 'job.stalled');
  const lost = statuses.filter(({ status }) => status.state !== 'completed');
  const wrong = statuses.filter(({ status }) => status.result !== TAKEN_OVER);
  const attempts = statuses.filter(({ status }) => status.attempt > 1);
  const owners = [...stories.byKey].filter(([, runs]) => runs.length !== 2);
  const keys = (list: readonly { readonly key: string }[]): string[] => list.map(({ key }) => key);
  const share = (late: LateReport['late']): string => `${named(late).length} ${late}`;
  return {
    checks: [
      check(
        'every standstill was played',
        rounds.length === kills ? [] : ['too few'],
        `${rounds.filter(({ kind }) => kind === 'blocked').length} blocked, ${rounds.filter(({ kind }) => kind === 'stopped').length} stopped`,
      ),
      check(
        'late writes were refused',
        keys(taken),
        `${direct.length - taken.length} of ${direct.length} (${LATE_WRITES.filter(
          (late) => late !== 'complete' && late !== 'fail',
        )
          .map(share)
          .join(', ')})`,
      ),
      check(
        'late ends were refused',
        keys(kept),
        `${reports.length - kept.length} of ${reports.length} (${share('complete')}, ${share('fail')} at work)`,
      ),
      check('no call was lost', keys(lost), `${calls - lost.length} of ${calls} ended`),
      check(
        'the successor’s result stands',
        keys(wrong),
        `${statuses.length - wrong.length} of ${calls}`,
      ),
      check('a standstill is no attempt', keys(attempts), 'every call ended in attempt 1'),
      check(
        'no effect was doubled',
        effects.doubled,
        `${effects.count} effects, ${effects.repeated} made in time and recorded too late`,
      ),
      check(
        'each ran here and there',
        owners.map(([key]) => key),
        '2 runs of each call',
      ),
      check('fencing tokens grow', tokensThatDoNotGrow(stories), 'from the frozen run to the next'),
    ],
    definitions: [
      'refused: LEASE_LOST with an aborted signal; the end of a run is refused when its worker lets the call go without a word',
      'an effect that was made before the standstill and would be recorded after it is made again by the successor',
    ],
    figures: {
      lost: lost.length,
      doubled: effects.doubled.length,
      standstills: rounds.length,
      lateWrites: reports.length,
      lateWritesTaken: new Set([...keys(taken), ...keys(kept), ...keys(wrong)]).size,
      repeated: effects.repeated,
    },
  };
}
