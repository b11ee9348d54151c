import { until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { chain, Discard, defineJob, flow } from '../../src/index.js';
import { trial } from '../app/trial.js';

const t = trial();

interface Order {
  readonly orderId: string;
}

function shop() {
  const log: string[] = [];
  const state = { isShipBroken: true, isChargeHeld: false };
  const idempotencyKey = ({ orderId }: Order) => orderId;
  const charge = defineJob({ name: 'charge', idempotencyKey }, async (_order: Order, job) => {
    await until(() => !state.isChargeHeld);
    log.push(`charge ${job.idempotencyKey}`);
    return job.step('capture', () => log.length);
  });
  const refund = defineJob({ name: 'refund', idempotencyKey }, async (_order: Order, job) => {
    const paid = await job.resultOf(charge);
    log.push(`refund ${job.idempotencyKey} of ${paid > 0}`);
  });
  const ship = defineJob({ name: 'ship', idempotencyKey, attempts: 1 }, async (_: Order, job) => {
    if (state.isShipBroken) throw new Discard('no stock');
    log.push(`ship ${job.idempotencyKey}`);
  });
  const app = t.app({ lease: '2s' }).register(charge, refund, ship);
  const order = (orderId: string) =>
    flow('order', {
      charge: charge({ orderId }).undo(refund({ orderId })),
      ship: ship({ orderId }).after('charge'),
    });
  return { log, state, app, order, charge };
}

describe('keys of nodes', () => {
  it('are free after an undo: a refunded order is charged anew before it is shipped, as another effect', async () => {
    const { log, state, app, order } = shop();
    await app.work();
    const run = await app.start(order('1'), { id: 'one' });
    await expect(run.result({ timeout: '20s' })).rejects.toMatchObject({ state: 'compensated' });
    await run.retry().then(() => run.result({ timeout: '20s' }).catch(() => {}));
    state.isShipBroken = false;
    // Another flow of the same order, too.
    const other = await app.start(order('1'), { id: 'two' });
    await other.result({ timeout: '20s' });
    expect(log).toEqual([
      'charge 1',
      'refund 1 of true',
      'charge 1~2',
      'refund 1~2 of true',
      'charge 1~3',
      'ship 1',
    ]);
  });

  it('take the result of a call that is done, which is not undone', async () => {
    const { log, app, order, charge } = shop();
    await app.work();
    const paid = await (await app.enqueue(charge({ orderId: '2' }))).result({ timeout: '20s' });
    const run = await app.start(order('2'));
    await expect(run.result({ timeout: '20s' })).rejects.toMatchObject({ state: 'failed' });
    const { charge: node } = (await run.status()).nodes;
    expect(node).toMatchObject({ state: 'completed', result: paid });
    expect(log).toEqual(['charge 2']);
  });

  it('wait for a call that is running', async () => {
    const { log, state, app, order, charge } = shop();
    state.isShipBroken = false;
    state.isChargeHeld = true;
    await app.work();
    const first = await app.enqueue(charge({ orderId: '3' }));
    await until(async () => (await first.status()).state === 'running');
    const run = await app.start(order('3'));
    await until(async () => (await run.status()).nodes.charge.state === 'running');
    state.isChargeHeld = false;
    await run.result({ timeout: '20s' });
    expect(log).toEqual(['charge 3', 'ship 3']);
  });

  it('that belong to another input kill the node', async () => {
    const { app, charge, order } = shop();
    await app.work();
    const other = charge({ orderId: 'other' }, { idempotencyKey: '4' });
    await (await app.enqueue(other)).result({ timeout: '20s' });
    const run = await app.start(order('4'));
    await expect(run.result({ timeout: '20s' })).rejects.toMatchObject({
      dead: ['charge'],
      cause: { code: 'IDEMPOTENCY_CONFLICT' },
    });
    expect((await run.status()).nodes.ship.state).toBe('skipped');
  });

  it('leave recorded steps to the next round of a node that died', async () => {
    const effects: string[] = [];
    let isBroken = true;
    const pay = defineJob({ name: 'pay', attempts: 1 }, async (_: Order, job) => {
      await job.step('capture', () => effects.push('captured'));
      if (isBroken) throw new Error('the rest is broken');
      return 'paid';
    });
    const app = t.app({ lease: '2s' }).register(pay);
    await app.work();
    const run = await app.start(chain(pay({ orderId: '5' })));
    await expect(run.result({ timeout: '20s' })).rejects.toMatchObject({ dead: ['pay'] });
    isBroken = false;
    await run.retry();
    expect(await run.result({ timeout: '20s' })).toEqual({ pay: 'paid' });
    expect(effects).toEqual(['captured']);
  });

  it('are the flow’s business: its calls are neither cancelled nor retried one by one', async () => {
    const { app, order } = shop();
    await app.work();
    const run = await app.start(order('6'));
    await run.result({ timeout: '20s' }).catch(() => {});
    const [dead] = await app.dead.list();
    expect(dead?.name).toBe('ship');
    const refused = { code: 'FLOW_OWNS_CALL' };
    await expect(app.dead.retry(dead?.id ?? '')).rejects.toMatchObject(refused);
    await expect(app.call(dead?.id ?? '').cancel()).rejects.toMatchObject(refused);
    const all = await app.dead.retryAll();
    expect(all).toMatchObject({ retried: 0 });
  });
});
