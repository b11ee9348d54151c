import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { placeOrder } from '../../src/orders/placing.js';
import { confirm, refuse, reserve } from '../../src/orders/settling.js';
import { type TestDatabase, testDatabase } from '../servers/test-database.js';

const run = (fencingToken: number) => ({ fencingToken });

describe('settling an order', () => {
  let data: TestDatabase;

  const place = (id: string, film = 'film-many', quantity = 1) =>
    placeOrder(data.db, { id, customer: 'a@example.org', lines: [{ film, quantity }] });

  beforeAll(async () => {
    data = await testDatabase();
  });

  afterAll(() => data.drop());

  it('takes the stock once, however often it is asked', async () => {
    await place('once', 'film-many', 4);
    const before = await data.unitsOf('film-many');
    const asked = [1, 1, 2, 3].map((token) => reserve(data.db, 'once', run(token)));
    await Promise.allSettled(asked);
    expect(await reserve(data.db, 'once', run(4))).toMatchObject({ status: 'reserved' });
    expect(await data.unitsOf('film-many')).toBe(before - 4);
  });

  it('confirms once and keeps the first charge', async () => {
    await place('paid');
    await reserve(data.db, 'paid', run(1));
    await confirm(data.db, 'paid', 'ch_first', run(1));
    const again = await confirm(data.db, 'paid', 'ch_second', run(2));
    expect(again).toMatchObject({ status: 'confirmed', chargeId: 'ch_first' });
    expect(again.processedAt).toBeInstanceOf(Date);
    expect(await data.eventsOf('paid')).toEqual(['placed', 'reserved', 'confirmed']);
  });

  it('sells out: the last copy goes to one of many, and nothing is half taken', async () => {
    const ids = ['last-1', 'last-2', 'last-3'];
    await Promise.all(
      ids.map((id) =>
        placeOrder(data.db, {
          id,
          customer: 'a@example.org',
          lines: [
            { film: 'film-one', quantity: 1 },
            { film: 'film-many', quantity: 1 },
          ],
        }),
      ),
    );
    const before = await data.unitsOf('film-many');
    const states = await Promise.all(
      ids.map(async (id) => (await reserve(data.db, id, run(1))).status),
    );
    expect(states.sort()).toEqual(['reserved', 'sold_out', 'sold_out']);
    expect(await data.unitsOf('film-one')).toBe(0);
    expect(await data.unitsOf('film-many')).toBe(before - 1);
  });

  it('puts the stock back when the payment is refused, once', async () => {
    await place('poor', 'film-few', 2);
    await reserve(data.db, 'poor', run(1));
    expect(await data.unitsOf('film-few')).toBe(1);
    await refuse(data.db, 'poor', 'no money', run(1));
    expect(await refuse(data.db, 'poor', 'no money', run(2))).toMatchObject({ status: 'refused' });
    expect(await data.unitsOf('film-few')).toBe(3);
  });

  it('refuses a run that was overtaken, and changes nothing for it', async () => {
    await place('fenced');
    await reserve(data.db, 'fenced', run(6));
    await reserve(data.db, 'fenced', run(7)); // changes nothing but who may act
    await expect(confirm(data.db, 'fenced', 'ch_old', run(6))).rejects.toMatchObject({
      code: 'STALE_RUN',
      newest: 7,
    });
    expect(await confirm(data.db, 'fenced', 'ch_new', run(7))).toMatchObject({
      chargeId: 'ch_new',
    });
  });

  it('never deadlocks when orders take the same films in other orders', async () => {
    const films = ['film-many', 'film-few', 'film-one'];
    const ids = Array.from({ length: 20 }, (_, n) => `cross-${n}`);
    for (const [n, id] of ids.entries()) {
      const lines = films.map((_, k) => ({ film: films[(k + n) % 3] as string, quantity: 1 }));
      await placeOrder(data.db, { id, customer: 'a@example.org', lines });
    }
    const states = await Promise.all(
      ids.map(async (id) => (await reserve(data.db, id, run(1))).status),
    );
    expect(states).toHaveLength(20);
  });

  it('says when there is no such order', async () => {
    await expect(reserve(data.db, 'nobody', run(1))).rejects.toMatchObject({
      code: 'ORDER_NOT_FOUND',
    });
  });
});
