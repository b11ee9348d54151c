import { disconnect, TcpProxy, testRedis, until } from '@bulletproof/test-kit';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type CallHandle, defineJob } from '../../src/index.js';
import { trial } from './trial.js';

const bench = trial();
const shared = testRedis();
afterAll(() => shared.close());
const KEEP = '200ms';

/** A job that notes its rounds and, in the second, waits until it is let go. */
function noting() {
  const rounds: number[] = [];
  let letGo: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const note = defineJob({ name: 'note' }, async (round: number) => {
    rounds.push(round);
    if (round === 2) await held;
    return round;
  });
  return { note, rounds, letGo: () => letGo() };
}

/** A call whose id was used, and is forgotten while BullMQ still has its job; nobody works. */
async function forgotten() {
  const noted = noting();
  const app = bench.app({ keepResultFor: KEEP });
  app.register(noted.note);
  const worker = await app.work({ queues: { default: 1 } });
  const first = await app.enqueue(noted.note(1, { id: 'x1' }));
  await first.result();
  await worker.close();
  await until(async () => (await first.status()).state === 'unknown');
  expect(await bench.redis.exists(`${bench.prefix}:default:x1`)).toBe(1);
  return noted;
}

/** Enqueues from afar: resolves as soon as Redis has told what BullMQ still has; the answer is on its way. */
async function enqueueFromAfar(call: Parameters<ReturnType<typeof bench.app>['enqueue']>[0]) {
  const proxy = await TcpProxy.open(bench.url);
  bench.closing(() => proxy.close());
  const afar = bench.app({ redis: proxy.url });
  await afar.queues.status();
  const monitor = await shared.connect().monitor();
  const looked = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, [command, key]: string[]) => {
      if (/^hgetall$/i.test(command ?? '') && key === `${bench.prefix}:default:x1`) resolve();
    });
  });
  proxy.delay(100);
  const enqueued = afar.enqueue(call);
  await looked;
  proxy.freeze();
  proxy.delay(0);
  await disconnect(monitor);
  return { enqueued, arrive: () => proxy.thaw() };
}

describe('an id that was forgotten, while BullMQ still has its old job', () => {
  it('makes place for the new call', async () => {
    const { note, rounds, letGo } = await forgotten();
    letGo();
    const app = bench.app();
    app.register(note);
    const handle = await app.enqueue(note(2, { id: 'x1' }));
    await app.work({ queues: { default: 1 } });
    await expect(handle.result()).resolves.toBe(2);
    expect(rounds).toEqual([1, 2]);
  });

  it.each(['waits', 'runs', 'has completed'] as const)(
    'is no trap for a second producer that is late, when the call of the first %s',
    async (moment) => {
      const { note, rounds, letGo } = await forgotten();
      const near = bench.app();
      near.register(note);
      const { enqueued, arrive } = await enqueueFromAfar(note(2, { id: 'x1' }));

      const first: CallHandle<number> = await near.enqueue(note(2, { id: 'x1' }));
      if (moment !== 'waits') {
        await near.work({ queues: { default: 1 } });
        await until(() => rounds.includes(2));
      }
      if (moment === 'has completed') {
        letGo();
        await first.result();
      }
      arrive();
      const second = await enqueued;
      expect([first.deduplicated, second.deduplicated]).toEqual([true, false]);

      letGo();
      if (moment === 'waits') await near.work({ queues: { default: 1 } });
      await expect(first.result()).resolves.toBe(2);
      await expect(second.result()).resolves.toBe(2);
      await until(async () => (await near.queues.status()).every((queue) => queue.running === 0));
      await expect(near.queues.status()).resolves.toMatchObject([{}, {}, { waiting: 0 }, {}]);
      expect(rounds).toEqual([1, 2]);
    },
  );

  it('may be used again by many at once', async () => {
    const ids = Array.from({ length: 40 }, (_, at) => `order-${at}`);
    const ran = new Map(ids.map((id): [string, number[]] => [id, []]));
    const log = defineJob({ name: 'log' }, ({ id, round }: { id: string; round: number }) => {
      ran.get(id)?.push(round);
    });
    const app = bench.app({ keepResultFor: KEEP });
    app.register(log);
    await app.work({ queues: { default: 20 } });
    const first = await Promise.all(ids.map((id) => app.enqueue(log({ id, round: 1 }, { id }))));
    await Promise.all(first.map((handle) => handle.result()));
    await until(async () => {
      const states = await Promise.all(first.map((handle) => handle.status()));
      return states.every(({ state }) => state === 'unknown');
    });

    const producers = Array.from({ length: 5 }, () => bench.app());
    await Promise.all(producers.map((producer) => producer.queues.status()));
    const again = await Promise.all(
      ids.flatMap((id) => producers.map((one) => one.enqueue(log({ id, round: 2 }, { id })))),
    );
    expect(again.filter(({ deduplicated }) => !deduplicated)).toHaveLength(ids.length);
    await until(() => ids.every((id) => ran.get(id)?.includes(2)));
    for (const id of ids) expect(ran.get(id)).toEqual([1, 2]);
  });
});
