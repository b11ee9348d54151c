import { Job, type JobContext, type Parsed } from '../../src/index.js';
import { type Charged, describeDecoratedJobs, type Gateway, Order } from './decorated-suite.js';

class OrderJobs {
  constructor(readonly gateway: Gateway) {}

  @Job({
    queue: 'high',
    input: Order,
    idempotencyKey: ({ orderId }) => `order-${orderId}`,
    attempts: 3,
    backoff: { delay: 1 },
  })
  async charge({ cents }: Parsed<typeof Order>, job: JobContext): Promise<Charged> {
    const receipt = await job.step('capture', () =>
      this.gateway.capture(cents, job.idempotencyKey),
    );
    if (job.attempt === 1) throw new Error('after the capture');
    return { receipt, attempt: job.attempt };
  }

  @Job()
  async ping(): Promise<string> {
    return 'pong';
  }

  @Job({ name: 'shop-fail', attempts: 1 })
  async fail(): Promise<void> {
    throw new Error('as told');
  }
}

class ExpressJobs extends OrderJobs {
  @Job()
  override async ping(): Promise<string> {
    return 'fast pong';
  }
}

describeDecoratedJobs('standard', { OrderJobs, ExpressJobs });
