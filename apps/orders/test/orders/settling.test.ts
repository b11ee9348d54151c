import type { JobContext } from '@bulletproof/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { placeOrder } from '../../src/orders/placing.js';
import { confirm, refuse, reserve } from '../../src/orders/settling.js';
import { type TestDatabase, testDatabase } from '../servers/test-database.js';

/** A run of an order's job, of which settling knows no more; `call` tells jobs of one order apart. */
const run = (order: string, fencingToken: number, call = 1) =>
  ({ id: `${order}-${call}`, name: 'process', fencingToken }) as unknown as JobContext;

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
    const asked = [1, 1, 2, 3].map((token) => reserve(data.db, 'once', run('once', token)));
    await Promise.allSettled(asked);
    expect(await reserve(data.db, 'once', run('once', 4))).toMatchObject({ status: 'reserved' });
    expect(await data.unitsOf('film-many')).toBe(before - 4);
  });

  it('does nothing again for another call, when the queue has forgotten the first one', async () => {
    await place('forgotten', 'film-many', 2);
    const before = await data.unitsOf('film-many');
    for (const call of [1, 2]) await reserve(data.db, 'forgotten', run('forgotten', call, call));
    for (const call of [2, 3]) {
      await confirm(data.db, 'forgotten', `ch_${call}`, run('forgotten', call, call));
    }
    expect(await data.unitsOf('film-many')).toBe(before - 2);
    expect(await data.eventsOf('forgotten')).toEqual(['placed', 'reserved', 'confirmed']);
  });

  it('confirms once and keeps the first charge', async () => {
    await place('paid');
    await reserve(data.db, 'paid', run('paid', 1));
    await confirm(data.db, 'paid', 'ch_first', run('paid', 1));
    const again = await confirm(data.db, 'paid', 'ch_second', run('paid', 2));
    expect(again).toMatchObject({ status: 'confirmed', chargeId: 'ch_first' });
    expect(again.processedAt).toBeInstanceOf(Date);
    expect(await data.eventsOf('paid')).toEqual(['placed', 'reserved', 'confirmed']);
    const mails = (await data.enqueued()).filter(({ job }) => job === 'MailJobs.confirm');
    expect(mails.filter(({ input }) => input.orderId === 'paid')).toHaveLength(1);
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
      ids.map(async (id) => (await reserve(data.db, id, run(id, 1))).status),
    );
    expect(states.sort()).toEqual(['reserved', 'sold_out', 'sold_out']);
    expect(await data.unitsOf('film-one')).toBe(0);
    expect(await data.unitsOf('film-many')).toBe(before - 1);
  });

  it('puts the stock back when the payment is refused, once', async () => {
    await place('poor', 'film-few', 2);
    await reserve(data.db, 'poor', run('poor', 1));
    expect(await data.unitsOf('film-few')).toBe(1);
    await refuse(data.db, 'poor', 'no money', run('poor', 1));
    expect(await refuse(data.db, 'poor', 'no money', run('poor', 2))).toMatchObject({
      status: 'refused',
    });
    expect(await data.unitsOf('film-few')).toBe(3);
  });

  it('refuses a run that was overtaken, and changes nothing for it', async () => {
    await place('fenced');
    await reserve(data.db, 'fenced', run('fenced', 6));
    await reserve(data.db, 'fenced', run('fenced', 7)); // changes nothing but who may act
    await expect(confirm(data.db, 'fenced', 'ch_old', run('fenced', 6))).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
    expect(await confirm(data.db, 'fenced', 'ch_new', run('fenced', 7))).toMatchObject({
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
      ids.map(async (id) => (await reserve(data.db, id, run(id, 1))).status),
    );
    expect(states).toHaveLength(20);
  });

  it('says when there is no such order', async () => {
    await expect(reserve(data.db, 'nobody', run('nobody', 1))).rejects.toMatchObject({
      code: 'ORDER_NOT_FOUND',
    });
  });
});
