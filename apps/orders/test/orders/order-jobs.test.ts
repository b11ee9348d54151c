import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bulletproof, jobsOf } from '@bulletproof/core';
import { removeKeys, testRedis, uniquePrefix, until } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GatewayControl } from '../../src/demo/gateway-control.js';
import { readLedger } from '../../src/gateway/ledger.js';
import { GatewayServer } from '../../src/gateway/server.js';
import { MailJobs } from '../../src/mail/mail-jobs.js';
import { parseMails } from '../../src/mail/outbox.js';
import { readOrder } from '../../src/orders/order.js';
import { OrderJobs } from '../../src/orders/order-jobs.js';
import { placeOrder } from '../../src/orders/placing.js';
import { PaymentGateway } from '../../src/payments/payment-gateway.js';
import { WorkerModule } from '../../src/worker/worker.module.js';
import { silent } from '../servers/silent.js';
import { testConfig } from '../servers/test-config.js';
import { type TestDatabase, testDatabase } from '../servers/test-database.js';

const redis = testRedis();
const { process: processOrder } = jobsOf(OrderJobs);
const { confirm } = jobsOf(MailJobs);

describe('the jobs of an order', () => {
  const prefix = uniquePrefix('orders');
  let data: TestDatabase;
  let folder: string;
  let gateway: GatewayServer;
  let control: GatewayControl;
  let worker: INestApplicationContext;
  let app: Bulletproof;

  const place = (id: string, film = 'film-many', quantity = 1) =>
    placeOrder(data.db, { id, customer: 'a@example.org', lines: [{ film, quantity }] });
  const run = async (orderId: string) =>
    (await app.enqueue(processOrder({ orderId }))).result({ timeout: '10s' });
  const ledgerOf = async (orderId: string, type: 'request' | 'charge') =>
    (await readLedger(join(folder, 'ledger.jsonl'))).filter(
      (entry) => entry.type === type && entry.orderId === orderId,
    );
  const mailsOf = async (orderId: string) => {
    await (await app.enqueue(confirm({ orderId }))).result({ timeout: '10s' });
    const text = await readFile(join(folder, 'outbox.jsonl'), 'utf8');
    return parseMails(text).filter(({ messageId }) => messageId === `confirmation-${orderId}`);
  };

  beforeAll(async () => {
    data = await testDatabase();
    folder = await mkdtemp(join(tmpdir(), 'orders-jobs-'));
    gateway = await GatewayServer.start(join(folder, 'ledger.jsonl'));
    control = new GatewayControl(gateway.url);
    const config = testConfig(data, {
      redis: redis.url,
      prefix,
      GATEWAY_URL: gateway.url,
      OUTBOX_FILE: join(folder, 'outbox.jsonl'),
    });
    worker = await NestFactory.createApplicationContext(WorkerModule.forRoot(config, silent), {
      logger: false,
      abortOnError: false,
    });
    app = worker.get(Bulletproof);
  });

  afterAll(async () => {
    await worker.close();
    await gateway.close();
    await data.drop();
    await rm(folder, { recursive: true, force: true });
    await removeKeys(redis.client, prefix);
    await redis.close();
  });

  it('reserve, charge, confirm and mail', async () => {
    await place('plain', 'film-many', 3);
    const before = await data.unitsOf('film-many');
    const result = await run('plain');
    expect(result).toMatchObject({ orderId: 'plain', status: 'confirmed' });
    expect(await ledgerOf('plain', 'charge')).toEqual([
      expect.objectContaining({ chargeId: result.chargeId, key: 'plain', amountCents: 3 * 999 }),
    ]);
    expect(await data.unitsOf('film-many')).toBe(before - 3);
    expect(await data.eventsOf('plain')).toEqual(['placed', 'reserved', 'confirmed']);
    expect(await mailsOf('plain')).toHaveLength(1);
  });

  it('come by themselves when an order was placed, and send its mail', async () => {
    const mailed = new Promise<unknown>((resolve) => {
      app.events.on('job.completed', ({ name, key }) => {
        if (name === confirm.name && key === 'by-itself') resolve(true);
      });
    });
    await place('by-itself');
    expect(await mailed).toBe(true);
    expect(await mailsOf('by-itself')).toHaveLength(1);
    expect(await data.enqueued()).toEqual([]);
  });

  it('run once an order, however often they are enqueued', async () => {
    await place('again');
    const results = await Promise.all([run('again'), run('again'), run('again')]);
    expect(new Set(results.map(({ chargeId }) => chargeId)).size).toBe(1);
    const later = await app.enqueue(processOrder({ orderId: 'again' }));
    expect(later.deduplicated).toBe(true);
    expect(await ledgerOf('again', 'request')).toHaveLength(1);
    expect(await mailsOf('again')).toHaveLength(1);
  });

  it('are retried with the same key when the gateway fails before, or cuts after the charge', async () => {
    const failed = new Promise<void>((resolve) => {
      app.events.once('job.failed', () => resolve());
    });
    await control.faults({ cutRate: 1 });
    await place('unlucky');
    await failed;
    const handle = await app.enqueue(processOrder({ orderId: 'unlucky' }));
    await control.faults({});
    expect(await handle.result({ timeout: '10s' })).toMatchObject({ status: 'confirmed' });
    expect(await ledgerOf('unlucky', 'charge')).toHaveLength(1);
    const requests = await ledgerOf('unlucky', 'request');
    expect(requests.length).toBeGreaterThan(1);
    expect(new Set(requests.map((entry) => entry.type === 'request' && entry.key))).toEqual(
      new Set(['unlucky']),
    );
  });

  it('charge nothing for an order that was processed already: the row knows, whatever the queue forgot', async () => {
    await place('known');
    const first = await run('known');
    await mailsOf('known');
    await until(async () => (await data.enqueued()).length === 0); // what is relayed later would not be forgotten
    await removeKeys(redis.client, prefix);
    const second = await run('known');
    expect(second).toEqual(first);
    expect(await ledgerOf('known', 'request')).toHaveLength(1);
    expect(await mailsOf('known')).toHaveLength(1);
  });

  it('charge nothing for what is sold out', async () => {
    await place('greedy', 'film-one', 2);
    expect(await run('greedy')).toMatchObject({ status: 'sold_out', chargeId: null });
    expect(await ledgerOf('greedy', 'request')).toHaveLength(0);
    expect(await data.unitsOf('film-one')).toBe(1);
  });

  it('put the stock back and end when the gateway refuses', async () => {
    // The key was used for another amount: the gateway says 422, and asking again would not help.
    const spoiler = new PaymentGateway({ url: gateway.url });
    await spoiler.capture({ orderId: 'refused', amountCents: 1 }, { idempotencyKey: 'refused' });
    await place('refused', 'film-few', 2);
    expect(await run('refused')).toMatchObject({ status: 'refused', chargeId: null });
    expect(await data.unitsOf('film-few')).toBe(3);
    expect((await readOrder(data.db, 'refused'))?.order.processedAt).toBeInstanceOf(Date);
  });

  it('are put off while the gateway is down, without an attempt, and go on when it is back', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `outage-${n}`);
    const putOff: string[] = [];
    const failed: unknown[] = [];
    app.events.on('job.snoozed', ({ key }) => putOff.push(key ?? ''));
    app.events.on('job.failed', (event) => failed.push(event));
    await control.faults({ down: true });
    for (const id of ids) await place(id);
    await until(() => new Set(putOff).size === ids.length, { deadlineMs: 20_000 });
    // By now no run is left that had begun before the breaker opened.
    const attempts = failed.length;
    putOff.splice(0);
    await until(() => new Set(putOff).size === ids.length, { deadlineMs: 20_000 });
    expect(failed).toHaveLength(attempts);
    await control.faults({});
    for (const id of ids) expect(await run(id)).toMatchObject({ status: 'confirmed' });
    for (const id of ids) expect(await ledgerOf(id, 'charge')).toHaveLength(1);
  }, 60_000);
});
