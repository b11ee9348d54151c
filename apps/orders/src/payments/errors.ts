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

/**
 * The gateway gave no usable answer, and its breaker is open by now: the fleet has noticed, so this is no attempt of the order's.
 * `retryAfterMs` makes a job wait that long instead.
 */
export class GatewayDownError extends Error {
  override readonly name = 'GatewayDownError';
  readonly code = 'GATEWAY_DOWN';

  constructor(
    readonly orderId: string,
    readonly retryAfterMs: number,
    options: ErrorOptions,
  ) {
    super(
      `The payment gateway is down, and order ${orderId} asked in vain. Try again with the same key in ${retryAfterMs} ms.`,
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
