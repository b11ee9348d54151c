import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Call, defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const KEEP = '400ms';

function counting() {
  let runs = 0;
  const count = defineJob(
    { name: 'count', idempotency: { keepFor: KEEP } },
    (_input: { orderId: string }) => {
      runs += 1;
      return runs;
    },
  );
  return { count, runs: () => runs };
}

type Count = ReturnType<typeof counting>['count'];
const input = { orderId: '42' };
const kinds: readonly (readonly [string, (count: Count) => Call<unknown, number>])[] = [
  ['with a key', (count) => count(input, { idempotencyKey: 'k' })],
  ['with an id', (count) => count(input, { id: 'x' })],
  ['with both', (count) => count(input, { id: 'x', idempotencyKey: 'k' })],
];

describe.each(kinds)('a call %s that has completed', (_kind, call) => {
  it('answers for as long as it is kept, and is then forgotten and can be enqueued anew', async () => {
    const { count, runs } = counting();
    const app = bench.app({ keepResultFor: KEEP });
    app.register(count);
    await app.work({ queues: { default: 2 } });
    const first = await app.enqueue(call(count));
    await expect(first.result()).resolves.toBe(1);
    const again = await app.enqueue(call(count));
    expect(again).toMatchObject({ id: first.id, deduplicated: true });
    await expect(again.result()).resolves.toBe(1);

    await until(async () => (await first.status()).state === 'unknown');
    expect(await refusalOf(() => first.result())).toMatchObject({
      code: 'RESULT_EXPIRED',
      id: first.id,
      message: `The result of the call '${first.id}' is no longer kept: raise keepResultFor, or give the job an idempotency key`,
    });
    expect(runs()).toBe(1);

    const anew = await app.enqueue(call(count));
    expect(anew.deduplicated).toBe(false);
    await expect(anew.result({ timeout: '5s' })).resolves.toBe(2);
  });
});
