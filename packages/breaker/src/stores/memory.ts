import { systemClock } from '@bulletproof/kernel';
import { type Ask, type BreakerRecord, NEW_BREAKER } from '../policy/state.js';
import { type BreakerEvent, type Replies, transition } from '../policy/transition.js';
import type { BreakerStore, StoreListener } from '../store.js';

/**
 * Keeps the state of breakers in this process: for tests, and the specification of the Redis store. Breakers that are given the same
 * one are a fleet.
 */
export class MemoryBreakerStore implements BreakerStore {
  readonly #now: () => number;
  readonly #records = new Map<string, BreakerRecord>();
  readonly #listeners = new Set<StoreListener>();

  /** @param now the store's clock, epoch ms; replaced in tests */
  constructor(now: () => number = () => systemClock.nowMs()) {
    this.#now = now;
  }

  async apply<E extends BreakerEvent>(
    name: string,
    ask: Ask,
    event: E,
  ): Promise<Replies[E['kind']]> {
    const record = this.#records.get(name) ?? NEW_BREAKER;
    const { reply, next, announced } = transition(record, ask, event, Math.floor(this.#now()));
    this.#records.set(name, next);
    if (announced) for (const listener of this.#listeners) listener.announced(name, announced);
    return reply as Replies[E['kind']];
  }

  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    queueMicrotask(() => listener.ready?.());
    return () => this.#listeners.delete(listener);
  }

  /** What is kept of a breaker. */
  inspect(name: string): BreakerRecord {
    return this.#records.get(name) ?? NEW_BREAKER;
  }

  /** Forgets everything, as a flushed server does. */
  flush(): void {
    this.#records.clear();
  }

  async close(): Promise<void> {}
}
