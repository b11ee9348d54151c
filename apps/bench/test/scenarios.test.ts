import { testRedis } from '@bulletproof/test-kit';
import { afterAll, describe, expect, test } from '@jest/globals';
import { reportOn } from '../src/report.js';
import { playRounds } from '../src/rounds.js';
import { SCENARIOS } from '../src/scenarios.js';

const JOBS = 40;
const PATIENCE_MS = 60_000;
const redis = testRedis();
afterAll(() => redis.close());

// The short form of every measurement: it counts its jobs itself and fails when one is missing or runs twice. How
// fast they were is nothing that a test could say.
describe.each([...SCENARIOS.values()])('$name in short', (scenario) => {
  test(
    'all jobs of both sides are accounted for',
    async () => {
      const figures = await playRounds(scenario, {
        rounds: 1,
        jobs: JOBS,
        redisUrl: redis.url,
        databaseUrl: process.env.TEST_DATABASE_URL,
      });
      const report = reportOn(scenario, figures, { jobs: JOBS, redis: '' });
      expect(report).toMatchObject({ scenario: scenario.name, rounds: 1, jobs: JOBS });
      for (const value of [report.ours, report.baseline, report.ratio]) {
        expect(value).toBeGreaterThan(0);
      }
    },
    PATIENCE_MS,
  );
});
