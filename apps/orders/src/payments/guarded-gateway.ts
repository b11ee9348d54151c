import { CircuitBreaker, type CircuitBreakerOptions } from '@bulletproof/breaker';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { ChargeAnswer } from '../gateway/protocol.js';
import { GatewayDownError, GatewayUnavailableError } from './errors.js';
import {
  type CaptureOptions,
  type OrderToCharge,
  PaymentGateway,
  type PaymentGatewayOptions,
} from './payment-gateway.js';

/** The payment gateway behind a breaker whose state all workers share: when it is down, none of them calls it. */
export class GuardedGateway extends PaymentGateway implements OnApplicationShutdown {
  private readonly breaker: CircuitBreaker<[OrderToCharge, CaptureOptions], ChargeAnswer>;

  constructor(options: PaymentGatewayOptions, breakerOptions: CircuitBreakerOptions) {
    super(options);
    this.breaker = new CircuitBreaker(
      (order: OrderToCharge, how: CaptureOptions) => super.capture(order, how),
      breakerOptions,
    );
  }

  /**
   * As that of `PaymentGateway`. Errors with `retryAfterMs` put a job off without an attempt.
   * @throws {OpenCircuitError} when the breaker is open: the gateway was not called; code `EOPENBREAKER`
   * @throws {GatewayDownError} when the breaker is open after this call; code `GATEWAY_DOWN`
   */
  override async capture(order: OrderToCharge, how: CaptureOptions): Promise<ChargeAnswer> {
    try {
      return await this.breaker.fire(order, how);
    } catch (cause) {
      if (!(cause instanceof GatewayUnavailableError)) throw cause;
      // A probe, or one of the calls that opened it: what they met is the outage, not a fault of their own.
      const { retryAfterMs } = this.breaker.snapshot();
      throw retryAfterMs > 0 ? new GatewayDownError(order.orderId, retryAfterMs, { cause }) : cause;
    }
  }

  /** Leaves the fleet and closes the connections; by now no job runs. */
  async onApplicationShutdown(): Promise<void> {
    this.breaker.shutdown();
    await this.breaker.ended();
  }
}
