/** The gateway did not answer, or answered nonsense: whether money was taken is unknown, so ask again. */
export class GatewayUnavailableError extends Error {
  override readonly name = 'GatewayUnavailableError';
  readonly code = 'GATEWAY_UNAVAILABLE';

  constructor(
    readonly orderId: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The payment gateway gave no usable answer for order ${orderId}: ${reason}. Try again with the same key.`,
      options,
    );
  }
}

/** The gateway understood and said no: asking again would not change that. */
export class PaymentRefusedError extends Error {
  override readonly name = 'PaymentRefusedError';
  readonly code = 'PAYMENT_REFUSED';

  constructor(
    readonly orderId: string,
    readonly status: number,
    readonly reason: string,
  ) {
    super(`The payment gateway refused order ${orderId} with status ${status}: ${reason}.`);
  }
}
