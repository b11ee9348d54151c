import type { BreakerLogger, CircuitBreakerOptions } from '@bulletproof/breaker';
import { PaymentRefusedError } from './errors.js';

/** Where the breaker's state is, and who hears of it. */
export interface BreakerPlace {
  redis: string;
  prefix: string;
  logger?: BreakerLogger;
}

/**
 * Options of the breaker in front of the gateway. All who share it have the same ones, those who only look at it, too. Its times
 * are short, so that an outage fits into the demo; the defaults are thirty times longer.
 */
export function gatewayBreaker({ redis, prefix, logger }: BreakerPlace): CircuitBreakerOptions {
  return {
    name: 'payment-gateway',
    redis,
    prefix,
    ...(logger !== undefined && { logger }),
    timeout: false, // the client has its own
    rollingCountTimeout: '2s',
    volumeThreshold: 10,
    errorThresholdPercentage: 40,
    resetTimeout: '1s',
    maxResetTimeout: '2s',
    probeLease: '3s',
    // Who refuses a payment is well.
    errorFilter: (error: unknown) => error instanceof PaymentRefusedError,
  };
}
