import { type Audit, check } from '../audit/check.js';
import type { Side } from '../explorer/boundary-proxy.js';
import { type Boundary, Explorer, type Fate, type Finding } from '../explorer/explore.js';
import type { Order, Scenario } from '../scenario.js';

const SIDES: readonly Side[] = ['before', 'after'];
const AT_ONCE = 6;
/** A life is never quite the same twice: the numbers of the last commands may not come. */
const ENOUGH = 0.75;
const LAST_COMMANDS = 10;

/** Stops an app at every command that it sends to Redis, recovers, and looks whether all is as it must be. */
export const explorer: Scenario = {
  name: 'explorer',
  about: 'every Redis command of enqueue, run, step and complete: the app dies or is cut off there',
  jobs: { means: 'boundaries explored in this process, at most', otherwise: 10_000 },
  kills: { means: 'sampled boundaries with a kill -9 of a process', otherwise: 50 },
  sabotage: 'the records are deleted before the recovery',

  ownServer: () => ['--appendonly', 'no', '--save', ''],

  async play(stage, order) {
    const explorer = new Explorer(stage, order.sabotage);
    // The second one: by then the server knows the scripts.
    await explorer.commands();
    const names = await explorer.commands();
    const boundaries = boundariesOf(names.length, order);
    const findings: Finding[] = [];
    const rest = boundaries.values();
    const work = async (): Promise<void> => {
      for (const boundary of rest) findings.push(await explorer.explore(boundary));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await explorer.close();
    return audit(names, boundaries, findings);
  },
};

function boundariesOf(commands: number, { jobs, kills, random }: Order): Boundary[] {
  const all = (count: number, fates: readonly Fate[]): Boundary[] =>
    Array.from({ length: count }, (_, at) => at + 1).flatMap((number) =>
      fates.flatMap((fate) => SIDES.map((side) => ({ number, side, fate }))),
    );
  return [
    ...random.sample(all(commands, ['dies', 'is cut off']), jobs),
    ...random.sample(all(commands - LAST_COMMANDS, ['is killed']), kills),
  ];
}

function audit(
  names: readonly string[],
  boundaries: readonly Boundary[],
  findings: readonly Finding[],
): Audit {
  const reached = findings.filter(({ command }) => command !== undefined);
  const killed = reached.filter(({ fate }) => fate === 'is killed');
  const here = reached.filter(({ fate }) => fate !== 'is killed');
  const wrong = findings.filter(({ problems }) => problems.length > 0);
  const repeated = findings.filter(({ isRepeated }) => isRepeated);
  const of = (is: (problem: string) => boolean): number =>
    findings.filter(({ problems }) => problems.some(is)).length;
  const told = ({ number, side, fate, command, problems }: Finding): string =>
    `${fate} ${side} command ${number} (${command ?? 'not reached'}): ${problems.join('; ')}`;
  const share = (fate: Fate, side: Side): string =>
    `${reached.filter((one) => one.fate === fate && one.side === side).length} ${fate} ${side}`;
  const isEnough = reached.length >= boundaries.length * ENOUGH;
  return {
    checks: [
      check(
        'the boundaries were reached',
        isEnough ? [] : [`${boundaries.length - reached.length} were not`],
        `${reached.length} of ${boundaries.length}; ${names.length} commands in a life`,
      ),
      check(
        'all invariants hold',
        wrong.map(told),
        `${findings.length - wrong.length} of ${findings.length}`,
      ),
      check(
        'commands of many kinds',
        [],
        `${new Set(reached.map(({ command }) => command)).size} different ones`,
      ),
    ],
    definitions: [
      [
        share('dies', 'before'),
        share('dies', 'after'),
        share('is cut off', 'before'),
        share('is cut off', 'after'),
        share('is killed', 'before'),
        share('is killed', 'after'),
      ].join(', '),
      `${repeated.length} effects repeated: made, and cut off before Redis had it on record`,
      'invariants: ended once in attempt 1; one repeat at most of an unrecorded effect, none of a recorded one; the record, the queue and the ledger agree; tokens grow; no key without end',
    ],
    figures: {
      lost: of((problem) => /has completed|recovery|effect was made/.test(problem)),
      doubled: of((problem) => /doubled|repeat/.test(problem)),
      boundaries: here.length,
      killed: killed.length,
      commands: names.length,
      repeated: repeated.length,
    },
  };
}
