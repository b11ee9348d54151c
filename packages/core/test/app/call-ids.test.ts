import { describe, expect, it } from '@jest/globals';
import { type Call, Discard, defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const charge = defineJob({ name: 'charge' }, ({ cents }: { cents: number }) => cents);
const chargeOnce = defineJob(
  { name: 'chargeOnce', idempotencyKey: ({ orderId }) => orderId },
  ({ orderId }: { orderId: string; cents?: number }) => orderId,
);
const doom = defineJob({ name: 'doom' }, () => {
  throw new Discard('by design');
});

const oddIds = [
  'order:42:a',
  'a:b',
  '42',
  '0',
  '-7',
  '1e3',
  'NaN',
  'Infinity',
  'wait',
  'meta',
  'de',
  'a~2',
  '~',
  '100%',
  '%3A',
  '{a}{b}',
  'a b',
  'größe-😀',
  '__proto__',
  'constructor',
  'k-short',
  'a-not-a-uuid',
  'x'.repeat(256),
  ':'.repeat(256),
  '😀'.repeat(128),
];

describe('an odd id', () => {
  it('is the same call for everybody, and its own among all the others', async () => {
    const app = bench.app();
    app.register(charge);
    await app.work({ queues: { default: 10 } });
    const elsewhere = bench.app();
    const roundTrip = async (id: string, cents: number) => {
      const handle = await app.enqueue(charge({ cents }, { id }));
      const result = await handle.result();
      const status = await elsewhere.call(id).status();
      const again = await elsewhere.enqueue(charge({ cents }, { id }));
      const other = await refusalOf(() => app.enqueue(charge({ cents: -1 }, { id })));
      return { handle, result, status, again, other };
    };
    const trips = await Promise.all(oddIds.map(roundTrip));
    trips.forEach((trip, cents) => {
      const id = oddIds[cents];
      expect(trip).toMatchObject({
        handle: { id, deduplicated: false },
        result: cents,
        status: { state: 'completed', result: cents },
        again: { id, deduplicated: true },
        other: { code: 'CALL_ID_CONFLICT', job: 'charge', id },
      });
    });
  });

  it('serves for a keyed call, alone', async () => {
    const app = bench.app();
    app.register(chargeOnce);
    await app.work({ queues: { default: 10 } });
    const elsewhere = bench.app();
    const roundTrip = async (id: string) => {
      await app.enqueue(chargeOnce({ orderId: id }, { id }));
      const result = await elsewhere.call(id).result();
      const other = await refusalOf(() => app.enqueue(chargeOnce({ orderId: 'other' }, { id })));
      return { result, other };
    };
    const trips = await Promise.all(oddIds.map(roundTrip));
    trips.forEach((trip, at) => {
      expect(trip).toMatchObject({ result: oddIds[at], other: { code: 'CALL_ID_CONFLICT' } });
    });
  });

  it('serves for a dead call, which can be retried and discarded', async () => {
    const app = bench.app();
    app.register(doom);
    await app.work({ queues: { default: 10 } });
    const elsewhere = bench.app();
    const die = async (id: string) => {
      const doomed = await app.enqueue(doom(undefined, { id }));
      await refusalOf(() => doomed.result());
    };
    await Promise.all(oddIds.map(die));
    const dead = await elsewhere.dead.list();
    expect(dead.map(({ id }) => id).toSorted()).toEqual(oddIds.toSorted());

    const again = async (id: string) => {
      const retried = await elsewhere.dead.retry(id);
      await refusalOf(() => retried.result());
      return elsewhere.dead.discard(id);
    };
    expect(await Promise.all(oddIds.map(again))).toEqual(oddIds.map(() => true));
    await expect(elsewhere.dead.list()).resolves.toEqual([]);
  });
});

describe('an id that another call has', () => {
  it.each<readonly [string, Call]>([
    ['another input', charge({ cents: 6 }, { id: 'x' })],
    ['another job', doom(undefined, { id: 'x' })],
    ['a key', chargeOnce({ orderId: '42' }, { id: 'x' })],
  ])('is refused to a call with %s', async (_what, other) => {
    const app = bench.app();
    await app.enqueue(charge({ cents: 5 }, { id: 'x' }));
    expect(await refusalOf(() => app.enqueue(other))).toMatchObject({
      code: 'CALL_ID_CONFLICT',
      id: 'x',
      message: `The call id 'x' is taken by a call of another job, key or input than this one of '${other.job}': ids are unique in the app`,
    });
    await expect(app.enqueueMany([other])).resolves.toMatchObject({
      refused: [{ index: 0, error: { code: 'CALL_ID_CONFLICT' } }],
    });
  });

  it.each<readonly [string, Call]>([
    ['no key', charge({ cents: 5 }, { id: 'x' })],
    ['another key', chargeOnce({ orderId: '43' }, { id: 'x' })],
    ['another input', chargeOnce({ orderId: '42', cents: 5 }, { id: 'x' })],
  ])('of a key is refused to a call with %s', async (_what, other) => {
    const app = bench.app();
    await app.enqueue(chargeOnce({ orderId: '42' }, { id: 'x' }));
    expect(await refusalOf(() => app.enqueue(other))).toMatchObject({
      code: 'CALL_ID_CONFLICT',
      id: 'x',
    });
  });

  it('is no obstacle to the same call', async () => {
    const app = bench.app();
    await app.enqueue(chargeOnce({ orderId: '42' }, { id: 'x' }));
    const again = await app.enqueue(chargeOnce({ orderId: '42' }, { id: 'x' }));
    expect(again).toMatchObject({ id: 'x', deduplicated: true });
  });
});

describe('an id of the shape that keyed calls get', () => {
  it('is refused to a call without that key', async () => {
    const app = bench.app();
    const { id } = await app.enqueue(chargeOnce({ orderId: '42' }));
    expect(id).toMatch(/^k-[\w-]{22}-[\w-]{8}$/);
    const others: Call[] = [charge({ cents: 5 }, { id }), chargeOnce({ orderId: '43' }, { id })];
    for (const call of others) {
      expect(await refusalOf(() => app.enqueue(call))).toMatchObject({ code: 'CALL_ID_CONFLICT' });
    }
    const again = await app.enqueue(chargeOnce({ orderId: '42' }, { id }));
    expect(again).toMatchObject({ id, deduplicated: true });
  });
});

describe('an id given with a key', () => {
  it('stays bound to that key, also when the enqueue was refused or deduplicated', async () => {
    const app = bench.app();
    await app.enqueue(chargeOnce({ orderId: '42' }, { id: 'first' }));
    const conflict = await refusalOf(() =>
      app.enqueue(chargeOnce({ orderId: '42', cents: 5 }, { id: 'second' })),
    );
    expect(conflict).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', heldBy: 'first' });
    const same = await app.enqueue(chargeOnce({ orderId: '42' }, { id: 'second' }));
    expect(same).toMatchObject({ id: 'first', deduplicated: true });
    const other = await refusalOf(() =>
      app.enqueue(chargeOnce({ orderId: '43' }, { id: 'second' })),
    );
    expect(other).toMatchObject({ code: 'CALL_ID_CONFLICT' });
  });
});

describe('ids', () => {
  it('are made when none is given, no two alike', async () => {
    const app = bench.app();
    const calls = Array.from({ length: 100 }, (_, n): Call[] => [
      charge({ cents: 1 }),
      chargeOnce({ orderId: String(n) }),
    ]);
    const handles = await Promise.all(calls.flat().map((call) => app.enqueue(call)));
    expect(new Set(handles.map(({ id }) => id)).size).toBe(200);
  });
});
