import base from '../../../../jest.base.js';

export default async function teardown() {
  const { default: stopRedis } = await import(base.globalTeardown);
  await stopRedis();
  await globalThis.ordersTestPostgres?.stop();
}
