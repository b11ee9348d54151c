export default async function teardown() {
  /** @type {{ bulletproofTestRedis?: import('../redis.d.mts').RedisServer }} */
  const { bulletproofTestRedis } = globalThis;
  await bulletproofTestRedis?.stop();
}
