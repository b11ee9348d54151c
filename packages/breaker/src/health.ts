import type { EventEmitter } from 'node:events';

/** What a health check may do to its breaker. */
export interface CheckedBreaker extends EventEmitter {
  open(): void;
}

const DEFAULT_INTERVAL_MS = 5_000;

/** opossum's health checks, except that they end with the breaker: opossum's go on, and open it again after its shutdown. */
export class HealthChecks {
  readonly #timers: NodeJS.Timeout[] = [];

  /** @throws TypeError as opossum does, for anything but a function and a number */
  start(breaker: CheckedBreaker, check: unknown, intervalMs: unknown): void {
    const everyMs = intervalMs || DEFAULT_INTERVAL_MS;
    if (typeof check !== 'function')
      throw new TypeError('Health check function must be a function');
    if (Number.isNaN(Number(everyMs))) {
      throw new TypeError('Health check interval must be a number');
    }
    const run = (): void => {
      (check.apply(breaker) as Promise<unknown>).catch((error: unknown) => {
        breaker.emit('healthCheckFailed', error);
        breaker.open();
      });
    };
    const timer = setInterval(run, Number(everyMs));
    timer.unref();
    this.#timers.push(timer);
    run();
  }

  /** Ends all checks. */
  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }
}
