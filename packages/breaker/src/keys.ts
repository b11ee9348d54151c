import { type Keyspace, keyspace } from '@bulletproof/kernel';
import type { Limits } from './policy/state.js';
import { shapeOf } from './policy/window.js';

/** Names of the keys of breakers; all keys of one breaker carry one hash tag. */
export class BreakerKeys {
  readonly #keyspace: Keyspace;

  /** @throws InvalidOptionError `INVALID_OPTION` for a prefix that cannot be one */
  constructor(prefix: string) {
    this.#keyspace = keyspace(prefix);
  }

  /** The channel on which changes of all breakers are announced. */
  get channel(): string {
    return `${this.#keyspace.prefix}:breakers`;
  }

  /** The hash of a breaker's state. */
  state(name: string): string {
    return this.#key(name, 'state');
  }

  /** The sorted set of the leases of probes. */
  leases(name: string): string {
    return this.#key(name, 'leases');
  }

  /** The hash of the rolling window of a shape. */
  window(name: string, limits: Limits): string {
    return this.#key(name, 'window', shapeOf(limits));
  }

  /** The sorted set of the processes that have reported failures in that window. */
  reporters(name: string, limits: Limits): string {
    return this.#key(name, 'reporters', shapeOf(limits));
  }

  #key(name: string, ...parts: string[]): string {
    return this.#keyspace.key(this.#keyspace.tagOf(name), 'breaker', name, ...parts);
  }
}
