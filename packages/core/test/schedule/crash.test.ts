// A process dies at each of its commands in turn, before it got through and after; another one goes on.
import { describe, expect, it } from '@jest/globals';
import { type Death, Simulation, T0 } from './simulation.js';

const MINUTE = 60_000;

interface Scene {
  readonly options: Record<string, unknown>;
  readonly durationMs: number;
  /** Nobody is there for that long first. */
  readonly outageMs?: number;
}

async function played(scene: Scene, death?: Death): Promise<Simulation> {
  const simulation = new Simulation({ durationMs: scene.durationMs, death });
  await simulation.declare(scene.options);
  simulation.clock.advance(scene.outageMs ?? 0);
  await simulation.pass(12 * MINUTE + 25_000);
  return simulation;
}

const ticksOf = ({ runs }: Simulation): number[] =>
  runs.map(({ tick }) => (tick - T0) / MINUTE).sort((a, b) => a - b);

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

async function eachDeath(scene: Scene, check: (simulation: Simulation) => void): Promise<number> {
  const { commands } = await played(scene);
  for (let at = 0; at < commands; at += 1) {
    for (const isDone of [false, true]) check(await played(scene, { at, isDone }));
  }
  return commands;
}

describe('wherever a process dies', () => {
  it.each([
    ['skip', { every: '1m', misfire: 'skip' }, 0, range(1, 12)],
    ['once', { every: '1m' }, 0, range(1, 12)],
    ['once after an outage', { every: '1m' }, 5 * MINUTE + 30_000, range(5, 17)],
    ['skip after an outage', { every: '1m', misfire: 'skip' }, 5 * MINUTE + 30_000, range(6, 17)],
    ['all after an outage', { every: '1m', misfire: 'all' }, 5 * MINUTE + 30_000, range(1, 17)],
    ['cron', { cron: '*/2 * * * *' }, 0, [2, 4, 6, 8, 10, 12]],
  ])('each tick runs once: %s', async (_, options, outageMs, expected) => {
    const scene = { options, durationMs: 1_000, outageMs };
    expect(ticksOf(await played(scene))).toEqual(expected);
    const commands = await eachDeath(scene, (simulation) => {
      expect(ticksOf(simulation)).toEqual(expected);
    });
    expect(commands).toBeGreaterThan(30);
  });

  it('ticks that wait for the run before them run one after the other, none lost', async () => {
    const scene = { options: { every: '1m', overlap: 'queue' }, durationMs: 80_000 };
    await eachDeath(scene, (simulation) => {
      const { runs } = simulation;
      // Twelve ticks, eighty seconds each: the rest waits.
      expect(ticksOf(simulation)).toEqual(range(1, runs.length));
      expect(runs.length).toBeGreaterThanOrEqual(8);
      for (const [at, run] of runs.entries()) {
        const before = runs[at - 1];
        if (before) expect(run.startMs).toBeGreaterThanOrEqual(before.endMs ?? Infinity);
      }
    });
  });

  it('ticks while a run is going are dropped, and each is told of once at most', async () => {
    const scene = { options: { every: '1m', overlap: 'skip' }, durationMs: 80_000 };
    await eachDeath(scene, (simulation) => {
      const { runs, dropped } = simulation;
      expect(ticksOf(simulation)).toEqual([1, 3, 5, 7, 9, 11]);
      expect(dropped.length).toBeLessThanOrEqual(6);
      expect(dropped.length).toBeGreaterThanOrEqual(5);
      expect(runs.every(({ isCancelled }) => !isCancelled)).toBe(true);
    });
  });

  it('a tick takes the place of the run before it, and runs once', async () => {
    const scene = { options: { every: '1m', overlap: 'cancel' }, durationMs: 80_000 };
    await eachDeath(scene, (simulation) => {
      expect(ticksOf(simulation)).toEqual(range(1, 12));
      const { runs } = simulation;
      expect(runs.slice(0, -1).every(({ isCancelled }) => isCancelled)).toBe(true);
    });
  });

  it('a schedule of after goes on, never two runs at once', async () => {
    const scene = { options: { after: '1m' }, durationMs: 20_000 };
    await eachDeath(scene, ({ runs }) => {
      // 80 s each; a death costs at most the lease and a look.
      expect(runs.length).toBeGreaterThanOrEqual(8);
      for (const [at, run] of runs.entries()) {
        const before = runs[at - 1];
        if (!before) continue;
        const pauseMs = run.startMs - (before.endMs ?? Infinity);
        expect(pauseMs).toBeGreaterThanOrEqual(MINUTE);
        expect(pauseMs).toBeLessThanOrEqual(MINUTE + 16_000);
      }
    });
  });
});
