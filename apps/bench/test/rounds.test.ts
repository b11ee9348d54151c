import { testRedis } from '@bulletproof/test-kit';
import { afterAll, describe, expect, test } from '@jest/globals';
import { playRounds } from '../src/rounds.js';
import type { Scenario } from '../src/scenarios.js';
import type { Place, SideName } from '../src/sides/side.js';

const redis = testRedis();
afterAll(() => redis.close());

/** Measures nothing: the nth measurement gives n, and leaves a key. */
function counting(): {
  scenario: Scenario;
  seen: { side: SideName; place: Place; jobs: number }[];
  closed: () => number;
} {
  const seen: { side: SideName; place: Place; jobs: number }[] = [];
  let closed = 0;
  const scenario: Scenario = {
    name: 'count',
    about: 'count',
    unit: 'jobs/s',
    goal: undefined,
    keyed: true,
    rounds: 1,
    jobs: 1,
    open: () => ({
      async measure(side, place, jobs) {
        seen.push({ side, place, jobs });
        await redis.client.set(`${place.prefix}:left`, 'behind');
        return { value: seen.length };
      },
      async close() {
        closed += 1;
      },
    }),
  };
  return { scenario, seen, closed: () => closed };
}

describe('rounds', () => {
  test('sides take turns in beginning; the round for practice is not counted', async () => {
    const { scenario, seen, closed } = counting();
    const figures = await playRounds(scenario, { rounds: 3, jobs: 7, redisUrl: redis.url });
    expect(seen.map(({ side }) => side)).toEqual([
      ...(['ours', 'bare'] as const),
      ...(['bare', 'ours'] as const),
      ...(['ours', 'bare'] as const),
      ...(['bare', 'ours'] as const),
    ]);
    expect(figures.ours.map(({ value }) => value)).toEqual([4, 5, 8]);
    expect(figures.bare.map(({ value }) => value)).toEqual([3, 6, 7]);
    expect(closed()).toBe(1);
  });

  test('every measurement has a prefix of its own, and leaves nothing under it', async () => {
    const { scenario, seen } = counting();
    await playRounds(scenario, { rounds: 2, jobs: 7, redisUrl: redis.url });
    const prefixes = seen.map(({ place }) => place.prefix);
    expect(new Set(prefixes).size).toBe(6);
    expect(await redis.client.exists(prefixes.map((prefix) => `${prefix}:left`))).toBe(0);
    expect(seen.every(({ jobs, place }) => jobs === 7 && place.keyed)).toBe(true);
  });

  test('what fails ends the processes and is not swallowed', async () => {
    const { scenario, closed } = counting();
    const broken: Scenario = {
      ...scenario,
      open: () => ({ ...scenario.open(), measure: () => Promise.reject(new Error('broken')) }),
    };
    const played = playRounds(broken, { rounds: 1, jobs: 1, redisUrl: redis.url });
    await expect(played).rejects.toThrow('broken');
    expect(closed()).toBe(1);
  });
});
