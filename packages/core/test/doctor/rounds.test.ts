import { ManualClock, portOf } from '@bulletproof/kernel';
import { describe, expect, it } from '@jest/globals';
import type { Doctor } from '../../src/runtime/doctor/doctor.js';
import { Rounds } from '../../src/runtime/doctor/rounds.js';
import { Turns } from '../../src/runtime/doctor/turns.js';
import { silent, trial } from '../app/trial.js';

const bench = trial();

/** Rounds on a clock that stands still, with a doctor that notes when it was called. */
function rounds(pass: Doctor['pass'], turns: { taken: boolean } = { taken: false }) {
  const clock = new ManualClock();
  const asked: number[] = [];
  const made = new Rounds({
    doctor: { pass } as Doctor,
    takeTurn: async (everyMs) => {
      asked.push(everyMs);
      return !turns.taken;
    },
    clock,
    random: () => 0.5,
    logger: silent,
  });
  return { clock, asked, made };
}

const REPORT = { looked: 0, held: 0, redelivered: 0, buried: 0, completed: 0, abandoned: 0 };
const report = { ...REPORT, repairs: [], durationMs: 0 };

describe('the rounds of the doctor', () => {
  it('come at least once a minute, and look only at what is older than the grace', async () => {
    const passes: { beforeMs: number; atMs: number }[] = [];
    const { clock, made } = rounds(async (beforeMs) => {
      passes.push({ beforeMs, atMs: clock.nowMs() });
      return report;
    });
    await clock.advanceAsync(600_000);
    expect(passes.length).toBeGreaterThanOrEqual(10);
    for (const { beforeMs, atMs } of passes) expect(atMs - beforeMs).toBe(10_000);
    await made.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('are left out while another worker has the turn', async () => {
    const turns = { taken: true };
    let passes = 0;
    const { clock, made, asked } = rounds(async () => {
      passes += 1;
      return report;
    }, turns);
    await clock.advanceAsync(60_000);
    expect({ asked: asked.length, passes }).toEqual({ asked: 2, passes: 0 });
    turns.taken = false;
    await clock.advanceAsync(20_000);
    expect(passes).toBe(1);
    await made.close();
  });

  it('go on after one that was broken off', async () => {
    let passes = 0;
    const { clock, made } = rounds(async () => {
      passes += 1;
      throw new Error('Redis is away');
    });
    await clock.advanceAsync(60_000);
    expect(passes).toBe(2);
    await made.close();
  });

  it('end with the worker: the pass is told, and none follows', async () => {
    let reason: unknown;
    const { clock, made } = rounds(
      (_beforeMs, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            reason = signal.reason;
            reject(reason as Error);
          });
        }),
    );
    await clock.advanceAsync(30_000);
    await made.close();
    expect(reason).toMatchObject({ name: 'AbortError' });
    await clock.advanceAsync(60_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the turn', () => {
  it('is given to one worker of the fleet, and again when its time is over', async () => {
    const fleet = Array.from({ length: 20 }, () => new Turns(portOf(bench.redis), bench.prefix));
    const given = await Promise.all(fleet.map((turns) => turns.take(60_000)));
    expect(given.filter(Boolean)).toHaveLength(1);
    const [key = ''] = await bench.redis.keys(`${bench.prefix}:{*}:doctor`);
    expect(await bench.redis.pttl(key)).toBeGreaterThan(0);
    await bench.redis.pexpire(key, 0);
    const again = await Promise.all(fleet.map((turns) => turns.take(60_000)));
    expect(again.filter(Boolean)).toHaveLength(1);
  });
});
