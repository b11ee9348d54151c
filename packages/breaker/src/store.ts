import type { Ask, View } from './policy/state.js';
import type { BreakerEvent, Replies } from './policy/transition.js';

/** Who listens to a store. */
export interface StoreListener {
  /** A breaker has another state. Messages may be lost: a process also reads the state now and then. */
  announced(name: string, view: View): void;
  /** The store can be reached (call it once in any case), or announcements come again: what was missed meanwhile must be read. */
  ready?(): void;
}

/** Where the state of breakers is; one for all processes of a fleet. */
export interface BreakerStore {
  /**
   * Applies an event to a breaker, as `transition` of the state machine does, and answers with the state that results.
   * @throws whatever the store's client throws when it cannot be reached
   */
  apply<E extends BreakerEvent>(name: string, ask: Ask, event: E): Promise<Replies[E['kind']]>;
  /** Hears of changes from now on; returns a function that ends it. */
  listen(listener: StoreListener): () => void;
  /** Gives connections back; never rejects. */
  close(): Promise<void>;
}
