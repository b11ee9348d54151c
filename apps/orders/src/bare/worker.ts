// The worker process of the bare story: BullMQ with stock settings, but for a shorter lock, so that the story fits into
// two minutes (stock: a job of a killed worker goes on after 30 to 60 s; here after 3 to 6 s).
import { Worker } from 'bullmq';
import { readConfig } from '../config.js';
import { Database } from '../database/database.js';
import { createLogger } from '../logging.js';
import { PaymentGateway } from '../payments/payment-gateway.js';
import { announceReady, endWithParent, onTermination } from '../process-life.js';
import { BARE_QUEUE } from './bare-intake.js';
import { processBare } from './process-order.js';

const SHORT_LOCK_MS = 3_000;

const config = readConfig();
const logger = createLogger(config);
const parts = {
  db: new Database(config.DATABASE_URL, config.ORDERS_SCHEMA, config.WORKER_CONCURRENCY + 2),
  gateway: new PaymentGateway({
    url: config.GATEWAY_URL,
    timeoutMs: config.GATEWAY_TIMEOUT_MS,
    caller: config.PROCESS_NAME,
  }),
  outboxFile: config.OUTBOX_FILE,
};
const worker = new Worker<{ orderId: string }>(
  BARE_QUEUE,
  ({ data }) => processBare(parts, data.orderId),
  {
    connection: { url: config.REDIS_URL },
    prefix: config.ORDERS_PREFIX,
    concurrency: config.WORKER_CONCURRENCY,
    lockDuration: SHORT_LOCK_MS,
    stalledInterval: SHORT_LOCK_MS,
  },
);
worker.on('active', ({ data }) => logger.info({ orderId: data.orderId, run: 'began' }, 'run'));
worker.on('completed', ({ data }) =>
  logger.info({ orderId: data.orderId, run: 'ended', end: 'completed' }, 'run'),
);
worker.on('failed', (job, err) =>
  logger.warn(
    { orderId: job?.data.orderId, run: 'ended', end: 'failed', reason: err.message },
    'run',
  ),
);
worker.on('error', (err) => logger.error({ err }, 'worker'));
onTermination(async () => {
  await worker.close();
  await parts.db.close();
});
endWithParent();
await worker.waitUntilReady();
announceReady({});
