import { testRedis } from '@bulletproof/test-kit';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as scripts from '../../../src/lua/scripts.generated.js';
import { Announced } from './hearing.js';
import { Lockstep } from './lockstep.js';
import { history } from './moves.js';

const STEPS = Number(process.env.HISTORY_STEPS ?? 20_000);
/** Histories that run beside each other, so that their calls meet in one command. */
const LANES = 8;
const PER_ROUND = 50;

/** Histories that never see an answer prove nothing about it. */
const EVERY_ANSWER = [
  ...['none', 'volume', 'rate', 'quorum'].map((hindrance) => `report counted ${hindrance}`),
  ...['failure-rate', 'slow-call-rate', 'local-trip'].map((why) => `report opened open ${why}`),
  'settle settled closed recovered',
  'settle settled open probe-failed',
  ...Object.values(scripts)
    .flatMap(({ name, replies }) => Object.keys(replies).map((tag) => `${name} ${tag}`))
    .filter((answer) => !/counted|opened|settled/.test(answer)),
];

const redis = testRedis();

afterAll(() => redis.close());

describe('the state machine and the scripts', () => {
  it(
    'do the same in random histories',
    async () => {
      const started = performance.now();
      const seed = Number(process.env.HISTORY_SEED ?? Date.now() % 2 ** 31);
      const hearing = await Announced.open(redis.connect());
      const answers = new Set<string>();
      let steps = 0;
      const lane = async (first: number): Promise<void> => {
        for (let round = 0; steps < STEPS; round += 1) {
          const property = fc.asyncProperty(history, async (one) => {
            const lockstep = new Lockstep(redis.client, hearing);
            await lockstep.play(one);
            steps += one.moves.length;
            for (const answer of lockstep.answers.keys()) answers.add(answer);
          });
          await fc.assert(property, { numRuns: PER_ROUND, seed: first + round });
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, n) => lane(seed + n * 1_000_003)));
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(
        `breaker histories: ${steps} steps, 0 differences, ${seconds} s, seed ${seed}\n`,
      );
      expect(steps).toBeGreaterThanOrEqual(STEPS);
      expect(EVERY_ANSWER.filter((answer) => !answers.has(answer))).toEqual([]);
    },
    60_000 + STEPS,
  );
});
