import { Bulletproof, jobsOf } from '@bulletproof/core';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { OrderIntake } from '../orders/intake.js';
import { OrderJobs } from '../orders/order-jobs.js';
import type { OrderRequest } from '../orders/order-request.js';
import { type Placed, placeOrder } from '../orders/placing.js';

/** Stores an order and enqueues its job. The API process runs no jobs: it needs their references only. */
@Injectable()
export class BulletproofIntake extends OrderIntake {
  constructor(
    private readonly db: Database,
    private readonly app: Bulletproof,
  ) {
    super();
  }

  async place(request: OrderRequest): Promise<Placed> {
    const placed = await placeOrder(this.db, request);
    // For a repeated request too: should the first one have died between the row and the job, this one makes up for it,
    // and if not, the job's key makes it nothing.
    await this.app.enqueue(jobsOf(OrderJobs).process({ orderId: request.id }));
    return placed;
  }
}
