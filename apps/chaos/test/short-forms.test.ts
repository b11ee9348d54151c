// Every scenario in a short form: green as it is, and red when its protection is taken away. The long forms are run by hand.
import { describe, expect, it } from '@jest/globals';
import { SCENARIOS } from '../src/scenarios/index.js';
import { chaos } from './chaos-process.js';

const TIME_MS = 90_000;

/** Arguments of the short form, and what its report must say besides that nothing was lost or doubled. */
const SHORT: Readonly<Record<string, { args: string; report: object }>> = {
  'worker-kill': { args: '--jobs 200 --kills 3', report: { killsThatHit: 3 } },
  'frozen-worker': { args: '--kills 8', report: { standstills: 8, lateWrites: 48 } },
  'frozen-producer': { args: '--kills 8', report: { standstills: 8, calls: 32 } },
  'redis-restart': { args: '--jobs 400 --kills 3', report: { restarts: 3, acknowledged: 400 } },
  'double-enqueue': { args: '--jobs 60', report: { enqueues: 1_080 } },
  shutdown: { args: '--jobs 400 --kills 4', report: { stalled: 0 } },
  explorer: { args: '--jobs 40 --kills 4', report: { killed: 4 } },
  outbox: { args: '--jobs 600 --kills 8', report: { ghosts: 0, killsThatHit: 8 } },
  'once-in-transaction': { args: '--jobs 280 --kills 7', report: { killsThatHit: 7, cuts: 280 } },
  'breaker-fleet': { args: '--jobs 4 --kills 2', report: { intervals: 8, probes: 8 } },
  'breaker-probe-killed': { args: '--kills 3', report: { kills: 3 } },
  'breaker-redis-away': { args: '--kills 2', report: { outages: 2, foreignErrors: 0 } },
};

describe('the short form', () => {
  it('exists for every scenario', () => {
    expect(Object.keys(SHORT)).toEqual([...SCENARIOS.keys()]);
  });

  it.each(Object.entries(SHORT))(
    'of %s passes',
    async (name, { args, report: expected }) => {
      const { status, report, output } = await chaos(`${name} ${args}`);
      expect({ output, ...report }).toMatchObject({
        passed: true,
        failed: [],
        lost: 0,
        doubled: 0,
        ...expected,
      });
      expect(status).toBe(0);
    },
    TIME_MS,
  );

  it.each(Object.entries(SHORT))(
    'of %s fails under sabotage',
    async (name, { args }) => {
      const { status, report } = await chaos(`${name} ${args} --sabotage`);
      expect(report).toMatchObject({ passed: false, sabotage: true });
      expect(status).toBe(1);
    },
    TIME_MS,
  );
});
