import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { BulletproofIntake } from '../../src/api/bulletproof-intake.js';
import { createApi } from '../../src/api/create-api.js';
import { OrderIntake } from '../../src/orders/intake.js';
import { silent } from '../servers/silent.js';
import { testConfig } from '../servers/test-config.js';
import { type TestDatabase, testDatabase } from '../servers/test-database.js';

const order = (id: string | undefined, quantity: unknown = 1) => ({
  ...(id === undefined ? {} : { id }),
  customer: 'ada@example.org',
  lines: [{ film: 'film-many', quantity }],
});

describe('POST /orders', () => {
  let data: TestDatabase;
  let api: NestExpressApplication;
  let url: string;

  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const jobs = async () => (await data.enqueued()).map(({ input }) => input.orderId);
  const stored = async () =>
    (await data.db.query<{ id: string }>('SELECT id FROM orders ORDER BY id')).map(({ id }) => id);

  beforeAll(async () => {
    data = await testDatabase();
    // Nothing listens there: the API has no need of Redis.
    const config = testConfig(data, { redis: 'redis://127.0.0.1:9', prefix: 'orders' });
    api = await createApi(config, silent, {
      providers: [{ provide: OrderIntake, useClass: BulletproofIntake }],
    });
    await api.listen(0);
    url = `http://127.0.0.1:${(api.getHttpServer().address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await api.close();
    await data.drop();
  });

  it('takes an order, enqueues its job, and shows it', async () => {
    const { status, body } = await post(order('new'));
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: 'new', status: 'placed', totalCents: 999 });
    expect(await jobs()).toEqual(['new']);
    const shown = await fetch(`${url}/orders/new`);
    expect(await shown.json()).toEqual(body);
  });

  it('answers the same order to the same post, and has one job for it', async () => {
    await post(order('same'));
    const before = await jobs();
    const posts = await Promise.all(Array.from({ length: 5 }, () => post(order('same'))));
    expect(posts.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await jobs()).toEqual(before);
  });

  it('makes one order of a double click', async () => {
    const posts = await Promise.all([post(order('double')), post(order('double'))]);
    const statuses = posts.map(({ status }) => status);
    expect(statuses.sort((a, b) => a - b)).toEqual([200, 201]);
  });

  it('refuses another order under a known id with 409', async () => {
    await post(order('taken'));
    const { status, body } = await post(order('taken', 2));
    expect(status).toBe(409);
    expect(body).toMatchObject({ error: { code: 'ORDER_CONFLICT' } });
  });

  it('takes the id from Idempotency-Key, and refuses two ids', async () => {
    const { status, body } = await post(order(undefined), { 'idempotency-key': 'by-header' });
    expect(status).toBe(201);
    expect(body.id).toBe('by-header');
    expect((await post(order('one'), { 'idempotency-key': 'two' })).status).toBe(400);
  });

  it.each<[string, unknown, number]>([
    ['no JSON', '{"id":', 400],
    ['no object', '[]', 400],
    ['no id', order(undefined), 400],
    ['a negative quantity', order('bad', -1), 400],
    ['a quantity as text', order('bad', '1'), 400],
    ['a price of its own', { ...order('bad'), totalCents: 1 }, 400],
    ['a film that is not on sale', { ...order('bad'), lines: [{ film: 'x', quantity: 1 }] }, 422],
    ['far too much', { ...order('bad'), customer: 'x'.repeat(200_000) }, 413],
  ])('refuses %s with a reason, and enqueues nothing', async (_, body, expected) => {
    const before = { orders: await stored(), jobs: await jobs() };
    const answer = await post(body);
    expect(answer.status).toBe(expected);
    expect(answer.body).toMatchObject({ error: { message: expect.any(String) } });
    expect({ orders: await stored(), jobs: await jobs() }).toEqual(before);
  });

  it('says 404 for an order or an address that does not exist', async () => {
    for (const path of ['/orders/nobody', '/nowhere']) {
      const response = await fetch(`${url}${path}`);
      expect(response.status).toBe(404);
      await response.json();
    }
  });
});
