import type { Keyspace } from '@bulletproof/kernel';

/** Names of the keys of flows; all keys of one flow carry one hash tag. */
export class FlowKeys {
  readonly #keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** The hash of a flow. */
  flow(id: string): string {
    return this.#keyspace.key(this.#keyspace.tagOf(id), 'flow', id);
  }

  /** The sorted set of flows with something left to do. */
  open(id: string): string {
    return this.openOfTag(this.#keyspace.tagOf(id));
  }

  /** The same of a tag, 0 to 15. */
  openOfTag(tag: number): string {
    return this.#keyspace.key(tag, 'flows');
  }
}
