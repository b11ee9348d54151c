/** The order id was used before, for another order. */
export class OrderConflictError extends Error {
  override readonly name = 'OrderConflictError';
  readonly code = 'ORDER_CONFLICT';

  constructor(readonly orderId: string) {
    super(
      `Order ${orderId} exists with other lines or another customer. Use a new id for a new order.`,
    );
  }
}

/** No order has that id. */
export class OrderNotFoundError extends Error {
  override readonly name = 'OrderNotFoundError';
  readonly code = 'ORDER_NOT_FOUND';

  constructor(readonly orderId: string) {
    super(`There is no order ${orderId}.`);
  }
}

/** An order line names a film that is not on sale. */
export class UnknownFilmError extends Error {
  override readonly name = 'UnknownFilmError';
  readonly code = 'UNKNOWN_FILM';

  constructor(readonly films: readonly string[]) {
    super(`Not on sale: ${films.join(', ')}.`);
  }
}
