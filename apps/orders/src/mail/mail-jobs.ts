import { Job, type JobContext } from '@bulletproof/core';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../database/database.js';
import { OrderNotFoundError } from '../orders/errors.js';
import { readOrder } from '../orders/order.js';
import { confirmationMail } from './confirmation.js';
import { FileOutbox } from './outbox.js';

const OrderToConfirm = z.strictObject({ orderId: z.string() });
type OrderToConfirm = z.infer<typeof OrderToConfirm>;

/** The mails that orders cause. */
@Injectable()
export class MailJobs {
  constructor(
    private readonly db: Database,
    private readonly outbox: FileOutbox,
  ) {}

  /** Tells the customer that the order was paid, once an order; nobody waits for it, so it is not urgent. */
  @Job({
    input: OrderToConfirm,
    queue: 'low',
    idempotencyKey: ({ orderId }) => orderId,
    timeout: '10s',
  })
  async confirm({ orderId }: OrderToConfirm, job: JobContext): Promise<{ sent: boolean }> {
    const record = await readOrder(this.db, orderId);
    if (record === undefined) throw new OrderNotFoundError(orderId);
    const sent = await this.outbox.send(confirmationMail(record.order));
    if (!sent) job.log.info({ orderId }, 'the mail was there already: an earlier run was cut off');
    return { sent };
  }
}
