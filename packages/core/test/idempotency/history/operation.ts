import type { RecordStore } from '../../../src/idempotency/store.js';

/** One operation, ready to be made on any store. */
export interface Operation {
  readonly name: string;
  readonly args: unknown;
  make(store: RecordStore): Promise<unknown>;
  /** Takes the reply into account. */
  learn(reply: unknown): void;
}

/** An operation; without `learn` its reply teaches nothing. */
export function op(
  name: string,
  args: unknown,
  make: (store: RecordStore) => Promise<unknown>,
  learn: (reply: unknown) => void = () => {},
): Operation {
  return { name, args, make, learn };
}
