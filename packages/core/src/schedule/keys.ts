import type { Keyspace } from '@bulletproof/kernel';

const INDEX = 'schedules';

/** Names of the keys of schedules; all of an app's carry one hash tag, because one index leads to them. */
export class ScheduleKeys {
  readonly #keyspace: Keyspace;
  readonly #tag: number;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#tag = keyspace.tagOf(INDEX);
  }

  /** The sorted set of all schedules by the time at which there is something to do for them. */
  index(): string {
    return this.#keyspace.key(this.#tag, INDEX);
  }

  /** The hash of a schedule. */
  schedule(name: string): string {
    return this.#keyspace.key(this.#tag, 'schedule', name);
  }
}
