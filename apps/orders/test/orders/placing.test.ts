import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readOrder } from '../../src/orders/order.js';
import { OrderRequest } from '../../src/orders/order-request.js';
import { placeOrder } from '../../src/orders/placing.js';
import { type TestDatabase, testDatabase } from '../servers/test-database.js';

const request = (id: string, quantity = 2): OrderRequest => ({
  id,
  customer: 'a@example.org',
  lines: [
    { film: 'film-many', quantity },
    { film: 'film-few', quantity: 1 },
  ],
});

describe('placing an order', () => {
  let data: TestDatabase;

  beforeAll(async () => {
    data = await testDatabase();
  });

  afterAll(() => data.drop());

  const jobsOf = async (orderId: string) =>
    (await data.enqueued()).filter(({ input }) => input.orderId === orderId);

  it('stores it with the price of the day', async () => {
    const { order, created } = await placeOrder(data.db, request('new'));
    expect(created).toBe(true);
    expect(order).toMatchObject({ status: 'placed', totalCents: 2 * 999 + 1_999 });
    expect(await data.eventsOf('new')).toEqual(['placed']);
  });

  it('enqueues its job in the same transaction: both are there, or none', async () => {
    await placeOrder(data.db, request('with-job'));
    expect(await jobsOf('with-job')).toEqual([
      expect.objectContaining({ job: 'OrderJobs.process', input: { orderId: 'with-job' } }),
    ]);
    await data.db.query('ALTER TABLE bulletproof_outbox RENAME TO elsewhere');
    try {
      const placing = placeOrder(data.db, request('without-job'));
      await expect(placing).rejects.toMatchObject({ code: 'MISSING_MIGRATION' });
    } finally {
      await data.db.query('ALTER TABLE elsewhere RENAME TO bulletproof_outbox');
    }
    expect(await readOrder(data.db, 'without-job')).toBeUndefined();
  });

  it('gives the same order to the same request, its lines in any order', async () => {
    await placeOrder(data.db, request('same'));
    const again = { ...request('same'), lines: [...request('same').lines].reverse() };
    const { order, created } = await placeOrder(data.db, again);
    expect(created).toBe(false);
    expect(order.id).toBe('same');
    expect(await data.eventsOf('same')).toEqual(['placed']);
  });

  it('makes one order of many posts at the same moment', async () => {
    const posts = Array.from({ length: 12 }, () => placeOrder(data.db, request('twin')));
    const created = (await Promise.all(posts)).filter((placed) => placed.created);
    expect(created).toHaveLength(1);
    expect(await data.eventsOf('twin')).toEqual(['placed']);
    expect(await jobsOf('twin')).toHaveLength(1);
  });

  it.each([
    ['other lines', request('taken', 3)],
    ['another customer', { ...request('taken'), customer: 'b@example.org' }],
  ])('refuses the id with %s', async (_, other) => {
    await placeOrder(data.db, request('taken'));
    await expect(placeOrder(data.db, other)).rejects.toMatchObject({
      code: 'ORDER_CONFLICT',
      orderId: 'taken',
    });
  });

  it('refuses films that are not on sale and stores nothing', async () => {
    const lines = [
      { film: 'film-many', quantity: 1 },
      { film: 'film-none', quantity: 1 },
    ];
    await expect(placeOrder(data.db, { ...request('odd'), lines })).rejects.toMatchObject({
      code: 'UNKNOWN_FILM',
      films: ['film-none'],
    });
    expect(await readOrder(data.db, 'odd')).toBeUndefined();
    expect(await jobsOf('odd')).toEqual([]);
  });
});

describe('an order request', () => {
  it.each<[string, unknown]>([
    ['no lines', { ...request('a'), lines: [] }],
    ['a quantity of 0', request('a', 0)],
    ['a negative quantity', request('a', -1)],
    ['half a film', request('a', 1.5)],
    ['a film twice', { ...request('a'), lines: [request('a').lines[0], request('a').lines[0]] }],
    ['an id with a space', request('a b')],
    ['an empty id', request('')],
    ['a customer without an address', { ...request('a'), customer: 'me' }],
    ['an unknown field', { ...request('a'), totalCents: 1 }],
  ])('with %s is refused', (_, wrong) => {
    expect(OrderRequest.safeParse(wrong).success).toBe(false);
  });
});
