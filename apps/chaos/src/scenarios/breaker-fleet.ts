import { type Audit, check } from '../audit/check.js';
import { ownKeysWithoutEnd } from '../audit/keys-left.js';
import { median, within } from '../audit/spread.js';
import { Callers } from '../conductor/callers.js';
import { Dependency, type ReachingCall } from '../conductor/dependency.js';
import type { Stage } from '../conductor/stage.js';
import type { Order, Scenario } from '../scenario.js';
import type { Heard } from '../work/fleet-caller.js';

const PROCESSES = 20;
const EVERY_MS = 100;
const OPEN_MS = 300;
/** A process that missed the message looks by itself within that time. */
const LOOK_MS = 500;
const BREAKER = {
  rollingCountTimeout: '1s',
  errorThresholdPercentage: 20,
  volumeThreshold: 10,
  resetTimeout: OPEN_MS,
  maxResetTimeout: OPEN_MS,
};

/** The dependency dies and returns under the load of a whole fleet. */
export const breakerFleet: Scenario = {
  name: 'breaker-fleet',
  about: `the dependency of ${PROCESSES} processes dies and returns under load`,
  jobs: { means: 'open intervals of each death', otherwise: 10 },
  kills: { means: 'deaths of the dependency', otherwise: 10 },
  sabotage: 'each process has a prefix of its own, so that nothing is shared',

  async play(stage, order) {
    const { kills, jobs, random, sabotage } = order;
    const dependency = await Dependency.open(stage);
    const callers = new Callers(stage, 'breaker-caller', (nth) => ({
      url: dependency.url,
      everyMs: EVERY_MS,
      breaker: BREAKER,
      ...(sabotage && { prefix: stage.addPrefix(`alone-${nth}`) }),
    }));
    await callers.hire(PROCESSES);
    const deaths: number[] = [];
    for (let nth = 0; nth < kills; nth += 1) {
      const calls = dependency.calls.length + random.between(100, 300);
      await dependency.reached(calls, () => true);
      const after = Math.max(0, ...(await callers.heard()).flat().map(({ epoch }) => epoch));
      deaths.push(after);
      dependency.condition = 'dead';
      await callers.until({ state: 'open', after, nth: jobs });
      dependency.condition = 'alive';
      await callers.until({ state: 'closed', after });
    }
    return audit(stage, { dependency, heard: await callers.heard(), deaths }, order);
  },
};

interface Played {
  readonly dependency: Dependency;
  /** What each process has heard of the fleet. */
  readonly heard: readonly (readonly Heard[])[];
  /** The epoch before each death. */
  readonly deaths: readonly number[];
}

/** One death: the fleet's first opening, and its closing. */
interface Death {
  readonly opened: readonly Heard[];
  readonly closed: readonly Heard[];
}

async function audit(
  stage: Stage,
  { dependency, heard, deaths }: Played,
  { jobs, kills }: Order,
): Promise<Audit> {
  const told = deaths.map((after): Death => {
    const first = (state: string): Heard[] =>
      heard.flatMap((all) => all.find((each) => each.state === state && each.epoch > after) ?? []);
    return { opened: first('open'), closed: first('closed') };
  });
  const openings = epochsOf(heard, 'open');
  const unheard = [...openings].filter(([, processes]) => processes < PROCESSES);
  const isProbe = ({ state }: ReachingCall): boolean => state !== 'closed';
  const probes = dependency.calls.filter(isProbe);
  const early = probes.filter(({ state }) => state === 'open');
  const perInterval = new Map<number, number>();
  for (const { epoch } of probes) perInterval.set(epoch, (perInterval.get(epoch) ?? 0) + 1);
  const crowded = [...perInterval].filter(([, count]) => count !== 1);
  const intervals = kills * jobs;
  const tooMany = told.filter(({ opened, closed }) => {
    const [fromUs, toUs] = [firstOf(opened), firstOf(closed)];
    const between = probes.filter(({ sentUs }) => sentUs > fromUs && sentUs < toUs);
    return between.length > (toUs - fromUs) / 1_000 / (0.9 * OPEN_MS) + 1;
  });
  const spreads = (change: 'opened' | 'closed'): number[] =>
    told.map((death) => within(death[change]));
  const [opening, closing] = [spreads('opened'), spreads('closed')];
  const apart = [...opening, ...closing].filter((ms) => ms > LOOK_MS);
  const dead = dependency.unanswered();
  const noticing = dead.filter((call) => !isProbe(call));
  const late = noticing.filter(({ sentUs }) =>
    told.some(({ opened, closed }) => sentUs > firstOf(opened) && sentUs < firstOf(closed)),
  );
  const left = await ownKeysWithoutEnd(stage);
  const name = (epochs: readonly (readonly [number, number])[]): string[] =>
    epochs.map(([epoch, count]) => `${epoch}: ${count}`);
  return {
    checks: [
      check(
        'every opening was heard by all',
        name(unheard),
        `${openings.size} openings, ${PROCESSES} processes`,
      ),
      check(
        'one probe in each open interval',
        openings.size === intervals ? name(crowded) : [`${openings.size} for ${intervals}`],
        `${probes.length} probes in ${openings.size} intervals`,
      ),
      check(
        'no more probes than open times fit in',
        tooMany.map(({ opened }) => String(opened[0]?.epoch)),
        `${probes.length} probes, each ${OPEN_MS} ms after an opening`,
      ),
      check(
        'nobody calls while it is open',
        early.map(({ pid }) => String(pid)),
        `${early.length} calls`,
      ),
      check(
        'all open and close together',
        apart.map((ms) => `${ms.toFixed(0)} ms`),
        `open ${shown(opening)}, close ${shown(closing)} from the first process to the last`,
      ),
      check('no key is left for ever', left, `${left.length} keys`),
    ],
    definitions: [
      `the dead service was called ${dead.length} times: ${noticing.length} until the fleet had opened (${late.length} of them by processes that had not heard yet), ${dead.length - noticing.length} probes`,
    ],
    figures: {
      lost: 0,
      doubled: crowded.length,
      intervals: openings.size,
      probes: probes.length,
      callsIntoTheDead: dead.length,
      callsByWhoHadNotHeard: late.length,
      openSpreadMs: median(opening),
      openSpreadMaxMs: Math.max(...opening),
      closeSpreadMs: median(closing),
      closeSpreadMaxMs: Math.max(...closing),
    },
  };
}

/** By how many processes each epoch of that state was heard of. */
function epochsOf(heard: Played['heard'], state: string): Map<number, number> {
  const epochs = new Map<number, number>();
  for (const each of heard.flat()) {
    if (each.state === state) epochs.set(each.epoch, (epochs.get(each.epoch) ?? 0) + 1);
  }
  return epochs;
}

function firstOf(heard: readonly Heard[]): number {
  return Math.min(...heard.map(({ atUs }) => atUs));
}

function shown(ms: readonly number[]): string {
  return `${median(ms).toFixed(1)} ms (at most ${Math.max(...ms).toFixed(1)})`;
}
