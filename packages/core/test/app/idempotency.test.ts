import { leftoverKeys, until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { type CallHandle, Discard, defineJob, type JobContext } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

// Section 5 of the contract, point by point, as an application sees it.
const bench = trial();

interface Order {
  readonly orderId: string;
  readonly cents?: number;
}

/** A job under a key that can be held in its handler, and made to fail. */
function charging() {
  const captured: Order[] = [];
  const tokens: number[] = [];
  const mode: { fails: boolean; gate: Promise<void> } = { fails: false, gate: Promise.resolve() };
  let release: () => void = () => {};
  const charge = defineJob(
    { name: 'charge', attempts: 1, idempotencyKey: ({ orderId }: Order) => orderId },
    async (order: Order, job: JobContext) => {
      tokens.push(job.fencingToken);
      await job.step('capture', () => {
        captured.push(order);
      });
      await mode.gate;
      if (mode.fails) throw new Discard('card refused');
      return { receipt: captured.length, key: job.idempotencyKey };
    },
  );
  return {
    charge,
    captured,
    tokens,
    mode,
    hold() {
      mode.gate = new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => release(),
  };
}

function started(options: Parameters<typeof bench.app>[0] = {}) {
  const shop = charging();
  const app = bench.app(options);
  app.register(shop.charge);
  return { ...shop, app, work: () => app.work({ queues: { default: 5 } }) };
}

const RECEIPT = { receipt: 1, key: '42' };
const order = { orderId: '42' };

describe('1: an enqueue of a key that is known', () => {
  it('gives the first call, while it waits, runs, and after it succeeded', async () => {
    const { app, charge, captured, hold, release, work } = started();
    const first = await app.enqueue(charge(order));
    const elsewhere = bench.app();
    const whileWaiting = await elsewhere.enqueue(charge(order));
    hold();
    await work();
    await until(() => captured.length === 1);
    const whileRunning = await elsewhere.enqueue(charge({ ...order }));
    release();
    await first.result();
    const afterwards = await elsewhere.enqueue(charge(order, { delay: '1h', queue: 'low' }));
    for (const again of [whileWaiting, whileRunning, afterwards]) {
      expect(again).toMatchObject({ id: first.id, queue: 'default', deduplicated: true });
      await expect(again.result()).resolves.toEqual(RECEIPT);
    }
    expect(captured).toEqual([order]);
  });

  it('gives the first call also when BullMQ has lost everything', async () => {
    const { app, charge, captured, work } = started();
    const worker = await work();
    const first = await app.enqueue(charge(order));
    await first.result();
    await worker.close();
    const stock = new Queue('default', { prefix: bench.prefix, connection: { url: bench.url } });
    bench.closing(() => stock.close());
    await stock.obliterate({ force: true });
    const again = await bench.app().enqueue(charge(order));
    expect(again).toMatchObject({ id: first.id, deduplicated: true });
    await expect(again.result()).resolves.toEqual(RECEIPT);
    await expect(again.status()).resolves.toMatchObject({ state: 'completed', result: RECEIPT });
    expect(captured).toEqual([order]);
  });

  it('is one call when many ask at the same moment', async () => {
    const { app, charge, captured, work } = started();
    const apps = [app, bench.app(), bench.app(), bench.app()];
    const handles = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => apps[at % 4]?.enqueue(charge(order))),
    );
    expect(new Set(handles.map((handle) => handle?.id)).size).toBe(1);
    expect(handles.filter((handle) => handle?.deduplicated === false)).toHaveLength(1);
    await work();
    await expect(handles[0]?.result()).resolves.toEqual(RECEIPT);
    expect(captured).toHaveLength(1);
  });

  it('is told apart by job, by key, and by nothing else', async () => {
    const { app, charge } = started();
    const refund = defineJob({ name: 'refund' }, (_order: Order) => undefined);
    const keys = ['42', '4', '2', '42 ', 'é', 'e\u0301', '__proto__', 'a:b', 'a', 'x'.repeat(200)];
    const calls = [
      ...keys.map((orderId) => charge({ orderId })),
      ...keys.map((orderId) => refund({ orderId }, { idempotencyKey: orderId })),
    ];
    const handles = await Promise.all(calls.map((call) => app.enqueue(call)));
    expect(new Set(handles.map(({ id }) => id)).size).toBe(calls.length);
    expect(handles.some(({ deduplicated }) => deduplicated)).toBe(false);
  });
});

describe('2: the fencing token', () => {
  it('grows from holder to holder, also across the loss of the record', async () => {
    const { app, charge, tokens, mode, work } = started();
    await work();
    mode.fails = true;
    const first = await app.enqueue(charge(order));
    await refusalOf(() => first.result());
    const retried = await app.dead.retry(first.id);
    await refusalOf(() => retried.result());
    const records = (await bench.redis.keys(`${bench.prefix}:{r*`)).filter((key) =>
      key.includes('key:'),
    );
    await bench.redis.del(...records);
    mode.fails = false;
    await (await app.enqueue(charge(order))).result();
    expect(tokens).toHaveLength(3);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(3);
  });
});

describe('3: the same key with another input', () => {
  it('is refused while the call waits, runs, and is done; key order and undefined do not matter', async () => {
    const { app, charge, captured, hold, release, work } = started();
    const first = await app.enqueue(charge({ orderId: '42', cents: 5 }));
    const expectConflict = async () => {
      for (const other of [{ orderId: '42' }, { orderId: '42', cents: 6 }]) {
        expect(await refusalOf(() => app.enqueue(charge(other)))).toMatchObject({
          code: 'IDEMPOTENCY_CONFLICT',
          job: 'charge',
          key: '42',
          heldBy: first.id,
        });
      }
    };
    await expectConflict();
    hold();
    await work();
    await until(() => captured.length === 1);
    await expectConflict();
    release();
    await first.result();
    await expectConflict();
    const same = { cents: 5, orderId: '42', note: undefined };
    await expect(app.enqueue(charge(same))).resolves.toMatchObject({ deduplicated: true });
  });
});

async function expectCancelled(handle: CallHandle<unknown>) {
  expect(await refusalOf(() => handle.result())).toMatchObject({ code: 'JOB_CANCELLED' });
}

describe('4: a call that is dead or cancelled', () => {
  it('frees its key; a new call with the same input inherits its steps', async () => {
    const { app, charge, captured, mode, work } = started();
    await work();
    mode.fails = true;
    const first = await app.enqueue(charge(order));
    await refusalOf(() => first.result());
    mode.fails = false;
    const second = await app.enqueue(charge(order));
    expect(second.deduplicated).toBe(false);
    expect(second.id).not.toBe(first.id);
    await expect(second.result()).resolves.toEqual(RECEIPT);
    expect(captured).toEqual([order]);
    expect(await refusalOf(() => app.dead.retry(first.id))).toMatchObject({
      code: 'SUPERSEDED',
      job: 'charge',
      id: first.id,
      supersededBy: second.id,
    });
    expect(await refusalOf(() => first.result())).toMatchObject({ code: 'JOB_FAILED' });
    await expect(app.dead.list()).resolves.toMatchObject([{ id: first.id }]);
  });

  it('gives a new call with another input a clean start', async () => {
    const { app, charge, captured, mode, work } = started();
    await work();
    mode.fails = true;
    await refusalOf(async () => (await app.enqueue(charge(order))).result());
    mode.fails = false;
    const other = { orderId: '42', cents: 7 };
    const second = await app.enqueue(charge(other));
    await expect(second.result()).resolves.toEqual({ receipt: 2, key: '42' });
    expect(captured).toEqual([order, other]);
  });

  it('is superseded also by a call that only waits', async () => {
    const { app, charge, mode, work } = started();
    const worker = await work();
    mode.fails = true;
    const first = await app.enqueue(charge(order));
    await refusalOf(() => first.result());
    await worker.close();
    const waiting = await app.enqueue(charge(order));
    expect(await refusalOf(() => app.dead.retry(first.id))).toMatchObject({
      code: 'SUPERSEDED',
      supersededBy: waiting.id,
    });
  });

  it('frees its key when it was cancelled before it ran, and while it ran', async () => {
    const { app, charge, captured, hold, release, work } = started({ lease: '1s' });
    const waiting = await app.enqueue(charge(order));
    await expect(waiting.cancel('typing error')).resolves.toBe(true);
    await expectCancelled(waiting);
    hold();
    const running = await app.enqueue(charge(order));
    expect(running).toMatchObject({ deduplicated: false });
    await work();
    await until(() => captured.length === 1);
    await expect(running.cancel()).resolves.toBe(true);
    await expectCancelled(running);
    const third = await app.enqueue(charge(order));
    expect(third.deduplicated).toBe(false);
    release();
    // the step of the run that was cancelled is inherited: nothing is captured twice
    await expect(third.result()).resolves.toEqual(RECEIPT);
    expect(captured).toEqual([order]);
    await expect(third.cancel()).resolves.toBe(false);
  });
});

describe('what is kept of keyed calls', () => {
  it('ends by itself when they have ended', async () => {
    const { app, charge, mode, work } = started();
    await work();
    await (await app.enqueue(charge(order))).result();
    mode.fails = true;
    await refusalOf(async () => (await app.enqueue(charge({ orderId: '43' }))).result());
    await (await app.enqueue(charge({ orderId: '44' }, { delay: '1h' }))).cancel();
    const ours = { allow: [/^(?!.*:\{r\d\d\})/] };
    const records = async () => leftoverKeys(bench.redis, bench.prefix, ours);
    await until(async () => (await records()).length === 0);
  });
});
