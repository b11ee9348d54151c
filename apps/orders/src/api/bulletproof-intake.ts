import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { OrderIntake } from '../orders/intake.js';
import type { OrderRequest } from '../orders/order-request.js';
import { type Placed, placeOrder } from '../orders/placing.js';

/** Stores an order and its job in one transaction. The job goes to Redis through the outbox, so the API needs none. */
@Injectable()
export class BulletproofIntake extends OrderIntake {
  constructor(private readonly db: Database) {
    super();
  }

  place(request: OrderRequest): Promise<Placed> {
    return placeOrder(this.db, request);
  }
}
