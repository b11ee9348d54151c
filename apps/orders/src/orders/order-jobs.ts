import { Job, type JobContext } from '@bulletproof/core';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../database/database.js';
import type { ChargeAnswer } from '../gateway/protocol.js';
import { PaymentRefusedError } from '../payments/errors.js';
import { PaymentGateway } from '../payments/payment-gateway.js';
import type { Order, OrderStatus } from './order.js';
import { confirm, refuse, reserve } from './settling.js';

const OrderToProcess = z.strictObject({ orderId: z.string() });
type OrderToProcess = z.infer<typeof OrderToProcess>;

/** How an order ended. */
export interface ProcessedOrder {
  orderId: string;
  status: OrderStatus;
  chargeId: string | null;
}

/** What happens to an order after it was placed. */
@Injectable()
export class OrderJobs {
  constructor(
    private readonly db: Database,
    private readonly gateway: PaymentGateway,
  ) {}

  /**
   * Reserves, charges and confirms an order, once an order id: enqueued again, retried, or taken over from a killed
   * worker, it goes on where it was.
   */
  @Job({
    input: OrderToProcess,
    idempotencyKey: ({ orderId }) => orderId,
    attempts: 8,
    backoff: { delay: '250ms', max: '10s' },
    timeout: '30s',
  })
  async process({ orderId }: OrderToProcess, job: JobContext): Promise<ProcessedOrder> {
    const reserved = await reserve(this.db, orderId, job);
    const order = reserved.processedAt === null ? await this.pay(reserved, job) : reserved;
    job.log.info({ orderId, status: order.status, chargeId: order.chargeId }, 'order processed');
    return { orderId, status: order.status, chargeId: order.chargeId };
  }

  private async pay(order: Order, job: JobContext): Promise<Order> {
    try {
      const { chargeId } = await job.step('capture', () => this.capture(order, job));
      return await confirm(this.db, order.id, chargeId, job);
    } catch (error) {
      if (!(error instanceof PaymentRefusedError)) throw error;
      job.log.warn({ orderId: order.id, reason: error.reason }, 'payment refused');
      return refuse(this.db, order.id, error.reason, job);
    }
  }

  /** The key goes along: killed between the charge and its record, the next run asks again and is told the same charge. */
  private capture({ id, totalCents }: Order, job: JobContext): Promise<ChargeAnswer> {
    const { idempotencyKey, signal } = job;
    const charge = { orderId: id, amountCents: totalCents };
    return this.gateway.capture(charge, { idempotencyKey, signal });
  }
}
