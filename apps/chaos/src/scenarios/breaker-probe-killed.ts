import { type Audit, check } from '../audit/check.js';
import { ownKeysWithoutEnd } from '../audit/keys-left.js';
import { median } from '../audit/spread.js';
import { Callers } from '../conductor/callers.js';
import { Dependency, type ReachingCall } from '../conductor/dependency.js';
import type { Stage } from '../conductor/stage.js';
import { prolongLeases } from '../sabotage/prolong-leases.js';
import type { Order, Scenario } from '../scenario.js';

const EVERY_MS = 20;
const LEASE_MS = 1_000;
/** For the next process to ask, on a busy machine. */
const ALLOWANCE_MS = 500;
const BREAKER = {
  timeout: LEASE_MS - 50,
  volumeThreshold: 3,
  resetTimeout: 200,
  maxResetTimeout: 200,
  probeLease: LEASE_MS,
};

/** The process that probes is killed while its probe is under way. */
export const breakerProbeKilled: Scenario = {
  name: 'breaker-probe-killed',
  about: 'kill -9 of the process whose probe is under way; another takes over',
  jobs: { means: 'processes', otherwise: 5 },
  kills: { means: 'kills', otherwise: 20 },
  sabotage: 'the lease of the dead process is prolonged in Redis',

  async play(stage, order) {
    const { jobs, kills, sabotage } = order;
    const dependency = await Dependency.open(stage);
    const callers = new Callers(stage, 'breaker-caller', () => ({
      url: dependency.url,
      everyMs: EVERY_MS,
      breaker: BREAKER,
    }));
    await callers.hire(jobs);
    const rounds: Round[] = [];
    for (let nth = 0; nth < kills; nth += 1) {
      // Calls that were admitted while it was closed are none of the probes that are looked for.
      dependency.condition = 'dead';
      await dependency.reached(dependency.calls.length, isProbe);
      dependency.condition = 'hung';
      rounds.push(await killed(stage, { dependency, callers }, sabotage));
      await callers.hire(1);
    }
    dependency.condition = 'alive';
    await callers.until({ state: 'closed', after: rounds.at(-1)?.next.epoch ?? 0 });
    return audit(stage, rounds, order);
  },
};

/** A probe whose holder died, and the one that came after it. */
interface Round {
  readonly probe: ReachingCall;
  readonly next: ReachingCall;
  /** Probes that reached the service between the two. */
  readonly between: number;
}

interface Cast {
  readonly dependency: Dependency;
  readonly callers: Callers;
}

async function killed(
  stage: Stage,
  { dependency, callers }: Cast,
  sabotage: boolean,
): Promise<Round> {
  const from = dependency.calls.length;
  const probe = await dependency.reached(
    from,
    (call) => isProbe(call) && call.condition === 'hung',
  );
  await callers.kill(probe.pid);
  dependency.condition = 'dead';
  if (sabotage) await prolongLeases(stage);
  const next = await dependency.reached(from, (call) => isProbe(call) && call.pid !== probe.pid);
  const calls = dependency.calls.slice(from).filter(isProbe);
  return { probe, next, between: calls.indexOf(next) - calls.indexOf(probe) - 1 };
}

function isProbe({ state }: ReachingCall): boolean {
  return state !== 'closed';
}

async function audit(stage: Stage, rounds: readonly Round[], { kills }: Order): Promise<Audit> {
  const waits = rounds.map(({ probe, next }) => (next.sentUs - probe.sentUs) / 1_000);
  const late = waits.filter((ms) => ms > LEASE_MS + ALLOWANCE_MS);
  const early = waits.filter((ms) => ms < LEASE_MS / 2);
  const crowded = rounds.filter(({ between }) => between > 0);
  const left = await ownKeysWithoutEnd(stage);
  const ms = (values: readonly number[]): string[] =>
    values.map((value) => `${value.toFixed(0)} ms`);
  return {
    checks: [
      check(
        'every kill hit a probe',
        rounds.length === kills ? [] : [`${kills - rounds.length} missing`],
        `${rounds.length} kills`,
      ),
      check(
        'the next probe came within the lease',
        ms(late),
        `${median(waits).toFixed(0)} ms after the one before, at most ${Math.max(...waits).toFixed(0)} ms; the lease is ${LEASE_MS} ms`,
      ),
      check('and not before it ended', ms(early), `at least ${Math.min(...waits).toFixed(0)} ms`),
      check(
        'one probe took over',
        crowded.map(({ probe }) => String(probe.epoch)),
        `${rounds.length - crowded.length} of ${rounds.length}`,
      ),
      check('no key is left for ever', left, `${left.length} keys`),
    ],
    definitions: ['the time is from when the killed process sent its probe to when another did'],
    figures: {
      lost: kills - rounds.length,
      doubled: crowded.length,
      kills: rounds.length,
      nextProbeMs: median(waits),
      nextProbeMaxMs: Math.max(...waits),
    },
  };
}
