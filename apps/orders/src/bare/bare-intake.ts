import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Queue } from 'bullmq';
import { Database } from '../database/database.js';
import { OrderIntake } from '../orders/intake.js';
import { readOrder } from '../orders/order.js';
import { digestOf, type OrderRequest } from '../orders/order-request.js';
import { insertOrder, type Placed } from '../orders/placing.js';

/** The queue of the bare story. */
export const BARE_QUEUE = 'default';

/** Takes orders in the way that is written first: store it, add a job. */
@Injectable()
export class BareIntake extends OrderIntake implements OnModuleDestroy {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue<{ orderId: string }>,
  ) {
    super();
  }

  async place(request: OrderRequest): Promise<Placed> {
    const created = await this.db.transaction((tx) => insertOrder(tx, request, digestOf(request)));
    await this.queue.add(
      'process',
      { orderId: request.id },
      { attempts: 5, backoff: { type: 'exponential', delay: 200 } },
    );
    const record = await readOrder(this.db, request.id);
    if (record === undefined) throw new Error(`Order ${request.id} vanished.`);
    return { order: record.order, created };
  }

  async onModuleDestroy(): Promise<void> {
    await this.queue.close();
  }
}
