import { uniquePrefix } from '@bulletproof/test-kit';
import {
  type BreakerSnapshot,
  CircuitBreaker,
  type CircuitBreakerOptions,
} from '../../src/index.js';

/** Breakers of one name, each with connections of its own as another process would have. */
export class Processes {
  readonly prefix = uniquePrefix('breaker');
  readonly breakers: CircuitBreaker<[], string>[] = [];
  /** Calls that reached the dependency. */
  calls = 0;
  /** What the dependency does. */
  up = true;

  /** Adds a process that reaches Redis at this address. */
  add(redis: { host: string; port: number } | string, options: CircuitBreakerOptions = {}) {
    const action = async (): Promise<string> => {
      this.calls += 1;
      if (!this.up) throw new Error('down');
      return 'fine';
    };
    const breaker = new CircuitBreaker(action, {
      name: 'stripe',
      prefix: this.prefix,
      processId: `p${this.breakers.length}`,

      timeout: 1_000,
      resetTimeout: 300,
      resetJitter: 0,
      pollInterval: 500,
      storeTimeout: 500,
      // An object of its own: processes of the same address would share a link.
      redis: typeof redis === 'string' ? { ...addressOf(redis) } : { ...redis },
      ...options,
    });
    this.breakers.push(breaker);
    return breaker;
  }

  get first(): CircuitBreaker<[], string> {
    return this.#at(0);
  }

  get second(): CircuitBreaker<[], string> {
    return this.#at(1);
  }

  #at(index: number): CircuitBreaker<[], string> {
    const breaker = this.breakers[index];
    if (!breaker) throw new Error(`there is no process ${index}`);
    return breaker;
  }

  /** Resolves when all of them have read the fleet's state. */
  async joined(): Promise<void> {
    await Promise.all(
      this.breakers.map((breaker) => until(breaker, ({ store }) => store === 'up')),
    );
  }

  /** Resolves when all of them are in that state. */
  async all(state: BreakerSnapshot['state']): Promise<void> {
    await Promise.all(this.breakers.map((breaker) => until(breaker, (now) => now.state === state)));
  }

  async close(): Promise<void> {
    for (const breaker of this.breakers) breaker.shutdown();
    await Promise.all(this.breakers.map((breaker) => breaker.ended()));
  }
}

/** Host, port and password of a URL. */
export function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

const EVENTS = ['open', 'close', 'halfOpen', 'storeUp', 'storeDown', 'fleetState'] as const;

/** Resolves when a breaker's snapshot is as wanted, looked at after each of its events. */
export function until(
  breaker: CircuitBreaker<[], string>,
  wanted: (now: BreakerSnapshot) => boolean,
): Promise<void> {
  if (wanted(breaker.snapshot())) return Promise.resolve();
  return new Promise((resolve) => {
    const look = (): void => {
      if (!wanted(breaker.snapshot())) return;
      for (const event of EVENTS) breaker.off(event, look);
      resolve();
    };
    for (const event of EVENTS) breaker.on(event, look);
  });
}

/** A call's result, or the code or message of its error. */
export function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: Error & { code?: string }) => error.code ?? error.message);
}

/** Lets the event loop go round once: calls that are settled at once would keep it from hearing anything. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
