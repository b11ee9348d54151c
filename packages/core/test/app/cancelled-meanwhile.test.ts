import { keysUnder, TcpProxy, until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { defineJob } from '../../src/index.js';
import { trial } from './trial.js';

const bench = trial();

/** A keyed job that notes what it ran for. */
function charging() {
  const runs: string[] = [];
  const charge = defineJob(
    { name: 'charge', idempotencyKey: ({ key }: { key: string; amount: number }) => key },
    ({ key, amount }) => {
      runs.push(`${key}:${amount}`);
      return amount;
    },
  );
  return { charge, runs };
}

/** A producer that stands still between the record's transition and BullMQ's add until it may go on. */
async function standingStill() {
  const { charge } = charging();
  const proxy = await TcpProxy.open(bench.url);
  bench.closing(() => proxy.close());
  const afar = bench.app({ redis: proxy.url });
  // The server knows the script from here on: one command is the transition.
  await afar.enqueue(charge({ key: 'warm-up', amount: 0 }));
  proxy.freeze('replies');
  const enqueued = afar.enqueue(charge({ key: 'x', amount: 1 }));
  await until(async () => {
    const keys = await keysUnder(bench.redis, bench.prefix);
    return keys.filter((key) => key.includes(':key:')).length === 2;
  });
  return { enqueued, goOn: () => proxy.thaw() };
}

describe('a call that is cancelled while its producer stands still before the add', () => {
  it.each([
    ['and nobody has repeated the enqueue', false],
    ['and another one has made the add', true],
  ])('does not run when the producer goes on, %s', async (_, isRepeated) => {
    const { enqueued, goOn } = await standingStill();
    const { charge, runs } = charging();
    const near = bench.app();
    near.register(charge);
    const { id } = await near.enqueue(charge({ key: 'x', amount: 1 }));
    const queue = `${bench.prefix}:default`;
    // Before a repeat the queue does not know the call.
    if (!isRepeated) await bench.redis.del(`${queue}:${id}`, `${queue}:wait`, await added(id));
    await expect(near.call(id).cancel('another amount')).resolves.toBe(true);
    const next = await near.enqueue(charge({ key: 'x', amount: 2 }));
    goOn();
    await expect(enqueued).resolves.toMatchObject({ id, deduplicated: false });
    await near.work({ queues: { default: 1 } });
    const last = await near.enqueue(charge({ key: 'last', amount: 3 }));
    await expect(next.result()).resolves.toBe(2);
    await expect(last.result()).resolves.toBe(3);
    expect(runs.filter((run) => !run.startsWith('warm-up'))).toEqual(['x:2', 'last:3']);
  });
});

/** BullMQ's key that makes the add of a call unique. */
async function added(id: string): Promise<string> {
  const keys = await keysUnder(bench.redis, bench.prefix);
  return keys.find((key) => key.includes(`:de:${id}`)) ?? '';
}
