import { CircuitBreaker } from '@bulletproof/breaker';
import { type BreakerPlace, gatewayBreaker } from '../payments/gateway-breaker.js';
import type { BreakerChange } from './evidence.js';

/** Looks at the workers' breaker from outside: a member of the fleet that never calls. */
export class BreakerWatch {
  /** All changes that were heard of, oldest first. */
  readonly changes: BreakerChange[] = [];
  private readonly breaker: CircuitBreaker;

  constructor(place: BreakerPlace, changed: (change: BreakerChange) => void) {
    this.breaker = new CircuitBreaker(neverCalled, gatewayBreaker(place));
    this.breaker.on('fleetState', ({ state }) => {
      if (state === (this.changes.at(-1)?.state ?? 'closed')) return;
      const change = { state, atMs: Date.now() };
      this.changes.push(change);
      changed(change);
    });
  }

  /** How it is now, for people. */
  get state(): string {
    const { state, retryAfterMs } = this.breaker.snapshot();
    return state === 'open' ? `open, a probe in ${(retryAfterMs / 1_000).toFixed(1)} s` : state;
  }

  /** Leaves the fleet. */
  async close(): Promise<void> {
    this.breaker.shutdown();
    await this.breaker.ended();
  }
}

async function neverCalled(): Promise<never> {
  throw new Error('Only the workers call the gateway.');
}
