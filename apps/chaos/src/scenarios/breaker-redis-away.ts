import { type Audit, check } from '../audit/check.js';
import { quantile } from '../audit/spread.js';
import { Callers } from '../conductor/callers.js';
import { Dependency } from '../conductor/dependency.js';
import type { Stage } from '../conductor/stage.js';
import type { Order, Scenario } from '../scenario.js';
import type { Page } from '../work/call-book.js';

const EVERY_MS = 10;
const OPEN_MS = 300;
/** A call that cost this much more has waited for Redis, which is away for a second; how little it costs is a figure, not a check. */
const WAIT_MS = 100;
/** Length of each time that is measured and that nothing else ends. */
const TIME_MS = 1_000;
const OPTIONS = {
  rollingCountTimeout: '1s',
  errorThresholdPercentage: 20,
  volumeThreshold: 10,
  resetTimeout: OPEN_MS,
};
/** What a call may end with besides success: refused by the breaker, or the dependency's own death. */
const HONEST = new Set(['fine', 'EOPENBREAKER', 'ECONNRESET']);

/** Redis hangs, dies, and comes back empty, while calls go on and the dependency dies, too. */
export const breakerRedisAway: Scenario = {
  name: 'breaker-redis-away',
  about: 'Redis is stopped (SIGSTOP), killed and restarted empty while calls go on',
  jobs: { means: 'processes', otherwise: 4 },
  kills: { means: 'outages of Redis', otherwise: 10 },
  sabotage: 'each call asks Redis first whether it may, as other breakers do',

  ownServer: () => ['--appendonly', 'no', '--save', ''],

  async play(stage, order) {
    const { jobs, kills, sabotage } = order;
    const dependency = await Dependency.open(stage);
    const callers = new Callers(stage, 'breaker-caller', () => ({
      url: dependency.url,
      everyMs: EVERY_MS,
      breaker: { ...OPTIONS, maxResetTimeout: OPEN_MS },
      control: OPTIONS,
      asksFirst: sabotage,
    }));
    await callers.hire(jobs);
    const fleet = { stage, dependency, callers };
    let fooled = 0;
    // Code that runs for the first time is slow, and nothing that Redis does.
    await decidesTogether(fleet, 'there, dead');
    await hang(fleet);
    await callers.all('forget');
    for (let nth = 0; nth < kills; nth += 1) {
      await pass(fleet, 'there');
      await (nth % 2 === 0 ? hang(fleet) : die(fleet));
      await pass(fleet, 'back');
      if (!(await decidesTogether(fleet, 'there, dead'))) fooled += 1;
    }
    const books = await callers.all<Books>('book');
    return audit(books, { ...order, fooled });
  },
};

interface Fleet {
  readonly stage: Stage;
  readonly dependency: Dependency;
  readonly callers: Callers;
}

/** Has a time go by that is a page of its own. */
async function pass({ callers }: Fleet, name: string): Promise<void> {
  await callers.all('page', { name });
  await new Promise((resolve) => setTimeout(resolve, TIME_MS));
}

/** Redis stands still, and wakes. */
async function hang(fleet: Fleet): Promise<void> {
  await fleet.stage.server.kill('SIGSTOP');
  await pass(fleet, 'hung');
  // Healthy calls ask nothing, so nobody has noticed; failures are told.
  await dieAlone(fleet, 'hung');
  await fleet.stage.server.kill('SIGCONT');
  await fleet.callers.all('joined');
}

/** Redis is killed, and comes back without its data. */
async function die(fleet: Fleet): Promise<void> {
  await fleet.stage.server.kill('SIGKILL');
  await pass(fleet, 'killed');
  await dieAlone(fleet, 'killed');
  await fleet.stage.server.restart();
  await fleet.callers.all('joined');
}

/** The dependency dies and returns while each process decides alone: all of them call it again. */
async function dieAlone({ dependency, callers }: Fleet, name: string): Promise<void> {
  await callers.all('page', { name: `${name}, dead` });
  dependency.condition = 'dead';
  await callers.all('parted');
  await callers.all('opened');
  dependency.condition = 'alive';
  await callers.all('closed');
}

/** The dependency dies once more: true when all processes hear of the same opening. */
async function decidesTogether({ dependency, callers }: Fleet, name: string): Promise<boolean> {
  await callers.all('page', { name });
  const after = Math.max(0, ...(await callers.heard()).flat().map(({ epoch }) => epoch));
  dependency.condition = 'dead';
  const opened = await callers.until({ state: 'open', after });
  dependency.condition = 'alive';
  await callers.until({ state: 'closed', after });
  return new Set(opened.map(({ epoch }) => epoch)).size === 1;
}

/** The calls of one process: through the fleet's breaker, and beside them through one that shares nothing. */
interface Books {
  readonly shared: Readonly<Record<string, Page>>;
  readonly control: Readonly<Record<string, Page>>;
}

const TIMES = ['there', 'hung', 'killed', 'back', 'there, dead', 'hung, dead', 'killed, dead'];

function audit(books: readonly Books[], { kills, fooled }: Order & { fooled: number }): Audit {
  const costMs = (which: keyof Books, times: readonly string[], share = 0.99): number =>
    quantile(
      books.flatMap((book) => times.flatMap((time) => book[which][time]?.addedUs ?? [])),
      share,
    ) / 1_000;
  const addedMs = (...times: string[]): number =>
    costMs('shared', times) - costMs('control', times);
  const away = TIMES.filter((time) => !time.startsWith('there') && time !== 'back');
  const slow = away.filter((time) => addedMs(time) > WAIT_MS);
  const results = new Map<string, number>();
  for (const { results: counts } of books.flatMap(({ shared }) => Object.values(shared))) {
    for (const [name, count] of Object.entries(counts)) {
      results.set(name, (results.get(name) ?? 0) + count);
    }
  }
  const calls = [...results.values()].reduce((sum, count) => sum + count, 0);
  const foreign = [...results].filter(([name]) => !HONEST.has(name));
  const shown = (time: string): string =>
    `${time} ${costMs('shared', [time]).toFixed(2)} (${costMs('control', [time]).toFixed(2)})`;
  return {
    checks: [
      check(
        'no error of the store at a caller',
        foreign.map(([name, count]) => `${name}: ${count}`),
        `${calls} calls: ${[...results].map(([name, count]) => `${count} ${name}`).join(', ')}`,
      ),
      check('no call waits for Redis (p99)', slow.map(shown), TIMES.map(shown).join('; ')),
      check(
        'the fleet decides again',
        fooled === 0 ? [] : [`${fooled} of ${kills}`],
        `${kills} openings after ${kills} outages, each heard by all`,
      ),
    ],
    definitions: [
      'p99, ms: the time of fire() without that of the call itself; in brackets that of a breaker beside it that shares nothing',
      'there, back: Redis answers; hung, killed: it does not; dead: the dependency is dead, too, until it has come back',
    ],
    figures: {
      lost: 0,
      doubled: 0,
      outages: kills,
      calls,
      foreignErrors: foreign.length,
      p99AddedThereMs: addedMs('there', 'back'),
      p99AddedHungMs: addedMs('hung'),
      p99AddedKilledMs: addedMs('killed'),
      p99AddedDeadMs: addedMs('hung, dead', 'killed, dead'),
      maxAwayMs: costMs('shared', away, 1),
    },
  };
}
