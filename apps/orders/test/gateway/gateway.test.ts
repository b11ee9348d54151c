import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@bulletproof/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayControl } from '../../src/demo/gateway-control.js';
import { readLedger } from '../../src/gateway/ledger.js';
import { GatewayServer } from '../../src/gateway/server.js';
import { PaymentGateway } from '../../src/payments/payment-gateway.js';

const order = { orderId: 'order-1', amountCents: 4_200 };

describe('the payment gateway', () => {
  let folder: string;
  let file: string;
  let server: GatewayServer;
  let client: PaymentGateway;
  let control: GatewayControl;

  const start = async () => {
    server = await GatewayServer.start(file);
    client = new PaymentGateway({ url: server.url, caller: 'test' });
    control = new GatewayControl(server.url);
  };
  const ledger = async (type: string) =>
    (await readLedger(file)).filter((entry) => entry.type === type);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-gateway-'));
    file = join(folder, 'ledger.jsonl');
    await start();
  });

  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('charges, and has the charge in its ledger when it answers', async () => {
    const answer = await client.capture(order, { idempotencyKey: 'order-1' });
    expect(answer).toMatchObject({ ...order, replayed: false });
    expect(await ledger('charge')).toEqual([
      expect.objectContaining({ chargeId: answer.chargeId, key: 'order-1', ...order }),
    ]);
  });

  it('answers the same charge to the same key, and logs each request', async () => {
    const first = await client.capture(order, { idempotencyKey: 'k' });
    const second = await client.capture(order, { idempotencyKey: 'k' });
    expect(second).toEqual({ ...first, replayed: true });
    expect(await ledger('charge')).toHaveLength(1);
    expect(await ledger('request')).toHaveLength(2);
  });

  it('makes one charge for twins that come at the same moment', async () => {
    await control.faults({ latencyMs: [20, 40] });
    const twins = Array.from({ length: 8 }, () => client.capture(order, { idempotencyKey: 'k' }));
    const charges = new Set((await Promise.all(twins)).map(({ chargeId }) => chargeId));
    expect(charges.size).toBe(1);
    expect(await ledger('charge')).toHaveLength(1);
  });

  it('charges again without a key: that is what the key is for', async () => {
    await client.capture(order, {});
    await client.capture(order, {});
    expect(await ledger('charge')).toHaveLength(2);
  });

  it('refuses a key that came with another body', async () => {
    await client.capture(order, { idempotencyKey: 'k' });
    const other = client.capture({ ...order, amountCents: 1 }, { idempotencyKey: 'k' });
    await expect(other).rejects.toMatchObject({ code: 'PAYMENT_REFUSED', status: 422 });
    expect(await ledger('charge')).toHaveLength(1);
  });

  it.each([
    ['a negative amount', { ...order, amountCents: -1, currency: 'EUR' }],
    ['an unknown field', { ...order, currency: 'EUR', tip: 5 }],
    ['no object', 'pay!'],
  ])('refuses %s with 400, and logs the request', async (_, body) => {
    const response = await fetch(`${server.url}/charges`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    await response.text();
    expect(await ledger('charge')).toHaveLength(0);
    expect(await ledger('request')).toHaveLength(1);
  });

  it('refuses a body that is not JSON, and one that is too large', async () => {
    for (const body of ['{', `"${'x'.repeat(70_000)}"`]) {
      const response = await fetch(`${server.url}/charges`, { method: 'POST', body });
      expect(response.status).toBe(400);
      await response.text();
    }
  });

  it('answers 500 without a charge when told to', async () => {
    await control.faults({ errorRate: 1 });
    await expect(client.capture(order, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    expect(await ledger('charge')).toHaveLength(0);
  });

  it('cuts the connection after the charge when told to; the key finds it again', async () => {
    await control.faults({ cutRate: 1 });
    await expect(client.capture(order, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    const [made] = await ledger('charge');
    await control.faults({});
    const answer = await client.capture(order, { idempotencyKey: 'k' });
    expect(made).toMatchObject({ chargeId: answer.chargeId });
    expect(answer.replayed).toBe(true);
  });

  it('takes no money while it is off, cuts what was under way, and writes down who called', async () => {
    await control.faults({ latencyMs: [200, 200] });
    const underWay = client.capture(order, { idempotencyKey: 'k' });
    const failed = expect(underWay).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await until(async () => (await control.stats()).inFlight.test === 1);
    await control.faults({ down: true });
    await failed;
    const charges = (await ledger('charge')).length;
    await expect(client.capture(order, { idempotencyKey: 'l' })).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    expect(await ledger('charge')).toHaveLength(charges);
    expect(await ledger('end')).toEqual([
      expect.objectContaining({ request: 1, outcome: 'fault-down' }),
      expect.objectContaining({ request: 2, outcome: 'fault-down' }),
    ]);
  });

  it('sends answers twice when told to; none is taken for the answer to another order', async () => {
    await control.faults({ doubleRate: 1 });
    for (let n = 1; n <= 20; n += 1) {
      const orderId = `order-${n}`;
      const answer = await client
        .capture({ orderId, amountCents: n }, { idempotencyKey: orderId })
        .catch((error: { code: string }) => error);
      // A spoilt connection may cost an answer, never give a wrong one.
      if ('code' in answer) expect(answer.code).toBe('GATEWAY_UNAVAILABLE');
      else expect(answer).toMatchObject({ orderId, amountCents: n });
    }
    const ends = (await ledger('end')).map((entry) => entry.type === 'end' && entry.outcome);
    expect(ends).toContain('fault-double');
  });

  it('takes the money also when the caller is gone', async () => {
    await control.faults({ latencyMs: [200, 200] });
    const gone = new AbortController();
    const asked = client.capture(order, { idempotencyKey: 'k', signal: gone.signal });
    const failed = expect(asked).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await until(async () => (await control.stats()).inFlight.test === 1);
    gone.abort();
    await failed;
    await until(async () => (await control.stats()).inFlight.test === 0);
    expect(await ledger('charge')).toHaveLength(1);
    expect(await ledger('end')).toEqual([expect.objectContaining({ outcome: 'caller-gone' })]);
  });

  it('knows its keys again after a restart, torn last line or not', async () => {
    const first = await client.capture(order, { idempotencyKey: 'k' });
    await server.close();
    await appendFile(file, '{"type":"char');
    await start();
    const second = await client.capture(order, { idempotencyKey: 'k' });
    expect(second).toEqual({ ...first, replayed: true });
    expect(await control.stats()).toMatchObject({ requests: 2, charges: 1 });
    expect(await ledger('request')).toHaveLength(2);
  });

  it.each([{ errorRate: 2 }, { latencyMs: [5, 1] }, { speed: 1 }])(
    'refuses the faults %j',
    async (plan) => {
      const response = await fetch(`${server.url}/admin/faults`, {
        method: 'PUT',
        body: JSON.stringify(plan),
      });
      expect(response.status).toBe(400);
      await response.text();
    },
  );
});
