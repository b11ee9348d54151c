import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenCircuitError } from '@bulletproof/breaker';
import { removeKeys, testRedis, uniquePrefix, until } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BreakerWatch } from '../../src/demo/breaker-watch.js';
import { GatewayControl } from '../../src/demo/gateway-control.js';
import { GatewayServer } from '../../src/gateway/server.js';
import { gatewayBreaker } from '../../src/payments/gateway-breaker.js';
import { GuardedGateway } from '../../src/payments/guarded-gateway.js';

const redis = testRedis();

describe('the gateway behind its breaker', () => {
  let prefix: string;
  let folder: string;
  let server: GatewayServer;
  let control: GatewayControl;
  let client: GuardedGateway;
  let watch: BreakerWatch;
  let nth = 0;

  const capture = (amountCents = 100) => {
    nth += 1;
    return client.capture({ orderId: `order-${nth}`, amountCents }, { idempotencyKey: `${nth}` });
  };
  const failUntilOpen = async () => {
    let error: unknown;
    await control.faults({ down: true });
    await until(async () => {
      error = await capture().catch((thrown: unknown) => thrown);
      return error instanceof OpenCircuitError;
    });
    return error;
  };

  beforeEach(async () => {
    prefix = uniquePrefix('orders');
    folder = await mkdtemp(join(tmpdir(), 'orders-guarded-'));
    server = await GatewayServer.start(join(folder, 'ledger.jsonl'));
    control = new GatewayControl(server.url);
    client = new GuardedGateway({ url: server.url }, gatewayBreaker({ redis: redis.url, prefix }));
    watch = new BreakerWatch({ redis: redis.url, prefix }, () => {});
  });

  afterEach(async () => {
    await client.onApplicationShutdown();
    await watch.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
    await removeKeys(redis.client, prefix);
  });

  afterAll(() => redis.close());

  it('charges', async () => {
    expect(await capture()).toMatchObject({ orderId: `order-${nth}`, replayed: false });
  });

  it('calls no more when the gateway is down, says when to come again, and everyone sees it', async () => {
    const error = await failUntilOpen();
    expect(error).toMatchObject({ code: 'EOPENBREAKER', breaker: 'payment-gateway' });
    expect((error as OpenCircuitError).retryAfterMs).toBeGreaterThan(0);
    await until(() => watch.changes.at(-1)?.state === 'open');
    expect(watch.state).toMatch(/^open, a probe in \d\.\d s$/);
  });

  it('makes a failed probe wait, too, and charges again when the gateway is back', async () => {
    await failUntilOpen();
    let probed: unknown;
    await until(
      async () => {
        probed = await capture().catch((thrown: unknown) => thrown);
        return !(probed instanceof OpenCircuitError);
      },
      { deadlineMs: 10_000 },
    );
    expect(probed).toMatchObject({ code: 'GATEWAY_DOWN' });
    expect((probed as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
    await control.faults({});
    await until(
      () =>
        capture().then(
          () => true,
          () => false,
        ),
      { deadlineMs: 10_000 },
    );
    await until(() => watch.changes.at(-1)?.state === 'closed');
  });

  it('is not opened by payments that are refused', async () => {
    for (let n = 0; n < 30; n += 1) {
      await expect(capture(-1)).rejects.toMatchObject({ code: 'PAYMENT_REFUSED' });
    }
    expect(await capture()).toMatchObject({ orderId: `order-${nth}` });
    expect(watch.changes).toEqual([]);
  });
});
