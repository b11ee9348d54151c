import { type TestRedis, testRedis } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openRedis, type RedisConnection, ScriptRunner } from '../../src/index.js';
import { countUp, echo } from '../lua/scripts.generated.js';

let redis: TestRedis;
let connection: RedisConnection;

beforeAll(() => {
  redis = testRedis();
  connection = openRedis(redis.url, { name: 'kernel-test' });
});

afterAll(async () => {
  await connection.close();
  await redis.close();
});

// UTF-8 has no form for a lone surrogate, so texts are whole ones here.
const text = fc.string({ unit: 'binary', maxLength: 40 });
const integer = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
const call = fc.record({
  keys: fc.record({ first: text, second: text }),
  args: fc.record(
    {
      text,
      whole: integer,
      real: fc.double({ noNaN: true, noDefaultInfinity: true }),
      note: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }),
      size: fc.option(integer, { nil: undefined }),
    },
    { requiredKeys: ['text', 'whole', 'real'] },
  ),
});

describe('values on their way through Redis and back', () => {
  it('arrive as they left, each with its own call, whatever the size of the batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        async (calls, maxBatch) => {
          const runner = new ScriptRunner(connection.port, { maxBatch });
          const replies = await Promise.all(calls.map((one) => runner.run(echo, one)));
          for (const [index, { keys, args }] of calls.entries()) {
            expect(replies[index]).toMatchObject({
              keys: [keys.first, keys.second],
              text: args.text,
              whole: args.whole,
              real: args.real + 0,
              note: args.note,
              size: args.size,
            });
          }
        },
      ),
    );
  });

  it('give the replies that one call after the other would give', async () => {
    const step = fc.record({
      by: fc.integer({ min: 0, max: 5 }),
      limit: fc.integer({ min: 0, max: 40 }),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        round += 1;
        const counter = `kernel-wire-${process.pid}:${round}`;
        const runner = new ScriptRunner(connection.port, { maxBatch: 7 });
        const replies = await Promise.all(
          steps.map((args) => runner.run(countUp, { keys: { counter }, args })),
        );
        await redis.client.del(counter);
        let count = 0;
        const expected = steps.map(({ by, limit }) => {
          const limited = count + by > limit;
          if (!limited) count += by;
          return [limited ? 'limited' : 'counted', count];
        });
        expect(replies.map((reply) => [reply.tag, reply.count])).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
