import type { EventEmitter } from 'node:events';
import { serializeError } from '@bulletproof/kernel';

/** The part of a logger that is used; pino's fits. */
export interface BreakerLogger {
  info(line: object, message: string): void;
  warn(line: object, message: string): void;
  error(line: object, message: string): void;
}

/** A breaker, as its log lines tell it. */
export interface LoggedBreaker extends EventEmitter {
  readonly name: string;
  snapshot(): { readonly scope: string; readonly reason: string; readonly retryAfterMs: number };
}

/** Writes what happens to a breaker as log lines; calls are not logged. */
export function logBreaker(breaker: LoggedBreaker, logger: BreakerLogger): void {
  const { name: breakerName } = breaker;
  const line = (event: string, more: object = {}) => ({ event, breaker: breakerName, ...more });
  const state = (): object => {
    const { scope, reason, retryAfterMs } = breaker.snapshot();
    return { scope, reason, retryAfterMs };
  };
  breaker.on('open', () => logger.warn(line('breaker.opened', state()), 'breaker opened'));
  breaker.on('halfOpen', () =>
    logger.info(line('breaker.half-open', state()), 'breaker half-open'),
  );
  breaker.on('close', () => logger.info(line('breaker.closed', state()), 'breaker closed'));
  breaker.on('storeUp', () => logger.info(line('breaker.store-up'), 'breaker store up'));
  breaker.on('storeDown', (error: unknown) =>
    logger.warn(line('breaker.store-down', { err: serializeError(error) }), 'breaker store down'),
  );
  breaker.on('configMismatch', (mismatch: object) =>
    logger.warn(
      line('breaker.config-mismatch', mismatch),
      'breaker options differ between processes',
    ),
  );
}
