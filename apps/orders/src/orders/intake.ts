import type { OrderRequest } from './order-request.js';
import type { Placed } from './placing.js';

/** Takes orders in: what the API needs from behind it. A class, because NestJS injects by value. */
export abstract class OrderIntake {
  /** Stores the order once an id and sees to it that it gets processed. */
  abstract place(request: OrderRequest): Promise<Placed>;
}
