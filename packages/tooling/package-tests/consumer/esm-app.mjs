// What a user's ESM application does first: declare, enqueue twice, work, get one result.
import { Bulletproof, defineJob, isBulletproofError } from '@bulletproof/core';

let runs = 0;
const charge = defineJob(
  { name: 'charge', idempotencyKey: ({ orderId }) => orderId },
  async ({ orderId }) => {
    runs += 1;
    return `charged ${orderId}`;
  },
);
const app = new Bulletproof({ redis: process.env.REDIS_URL, prefix: process.argv[2] });
app.register(charge);
const first = await app.enqueue(charge({ orderId: '42' }));
const second = await app.enqueue(charge({ orderId: '42' }));
const worker = await app.work();
const result = await first.result({ timeout: '20s' });
const refused = await app.enqueue({ name: 'unknown', input: {} }).catch((error) => error);
await worker.close();
await app.close();
const report = {
  result,
  runs,
  deduplicated: second.deduplicated,
  typed: isBulletproofError(refused),
};
process.stdout.write(JSON.stringify(report));
