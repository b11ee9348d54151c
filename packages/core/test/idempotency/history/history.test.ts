import { testRedis } from '@bulletproof/test-kit';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as scripts from '../../../src/idempotency/lua/scripts.generated.js';
import { Lockstep } from './lockstep.js';
import { history } from './moves.js';

const STEPS = Number(process.env.HISTORY_STEPS ?? 20_000);
/** Histories that run beside each other, so that their calls meet in one command. */
const LANES = 4;
const PER_ROUND = 50;
/** Steps after which a long run says how far it is. */
const MILESTONE = 100_000;

/** Scripts whose replies the store gives back in another form. */
const TOLD_OTHERWISE = ['point', 'discard', 'list', 'survey', 'brief'];

/** Histories that never see an answer prove nothing about it. */
const EVERY_ANSWER = [
  'point true',
  'point false',
  'discard true',
  'discard false',
  'survey some',
  'survey none',
  ...Object.values(scripts)
    .filter(({ name }) => !TOLD_OTHERWISE.includes(name))
    .flatMap(({ name, replies }) => Object.keys(replies).map((tag) => `${name} ${tag}`)),
];

const redis = testRedis();

afterAll(() => redis.close());

describe('the memory store and the Redis store', () => {
  it(
    'answer alike in random histories',
    async () => {
      const client = redis.client;
      const started = performance.now();
      const seed = Number(process.env.HISTORY_SEED ?? Date.now() % 2 ** 31);
      let steps = 0;
      let operations = 0;
      const answers = new Set<string>();
      const lane = async (first: number): Promise<void> => {
        for (let round = 0; steps < STEPS; round += 1) {
          const property = fc.asyncProperty(history, async (moves) => {
            const lockstep = new Lockstep(client);
            await lockstep.play(moves);
            if (steps % MILESTONE > (steps + moves.length) % MILESTONE) {
              process.stdout.write(`histories: ${steps} steps, seed ${seed}\n`);
            }
            steps += moves.length;
            operations += lockstep.operations;
            for (const answer of lockstep.answers.keys()) answers.add(answer);
          });
          await fc.assert(property, { numRuns: PER_ROUND, seed: first + round });
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, n) => lane(seed + n * 1_000_003)));
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(
        `histories: ${steps} steps (${operations} operations on each store), 0 differences, ${seconds} s, seed ${seed}\n`,
      );
      expect(steps).toBeGreaterThanOrEqual(STEPS);
      expect(EVERY_ANSWER.filter((answer) => !answers.has(answer))).toEqual([]);
    },
    60_000 + 3 * STEPS,
  );
});
