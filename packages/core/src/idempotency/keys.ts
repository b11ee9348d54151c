import type { Keyspace } from '@bulletproof/kernel';
import { formatAddress } from './address.js';
import type { RecordAddress } from './store.js';

/** Names of the keys of call records; all keys of one call carry one hash tag. */
export class RecordKeys {
  readonly #keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** The hash of a call's record. */
  record({ kind, name }: RecordAddress): string {
    return this.#keyspace.key(this.#tag(name), kind, name);
  }

  /** The sorted set of records that are not settled. */
  open({ name }: RecordAddress): string {
    return this.#keyspace.key(this.#tag(name), 'open');
  }

  /** The same of a tag, 0 to 15. */
  openOfTag(tag: number): string {
    return this.#keyspace.key(tag, 'open');
  }

  /** The hash that keeps a dead call's story. */
  dead({ name }: RecordAddress, id: string): string {
    return this.#keyspace.key(this.#tag(name), 'dead', id);
  }

  /** Why a call was cancelled, after another one may have taken its record. */
  gone({ name }: RecordAddress, id: string): string {
    return this.#keyspace.key(this.#tag(name), 'gone', id);
  }

  /** The sorted set of dead calls, by time of death. */
  deads({ name }: RecordAddress): string {
    return this.#keyspace.key(this.#tag(name), 'deads');
  }

  /** The sorted set of dead calls, by the time until which they are kept. */
  ends({ name }: RecordAddress): string {
    return this.#keyspace.key(this.#tag(name), 'ends');
  }

  /** Both sorted sets of a tag, 0 to 15. */
  deadsOfTag(tag: number): { readonly deads: string; readonly ends: string } {
    return { deads: this.#keyspace.key(tag, 'deads'), ends: this.#keyspace.key(tag, 'ends') };
  }

  /** Name of a record in the index of open records. */
  member(address: RecordAddress): string {
    return formatAddress(address);
  }

  #tag(name: string): number {
    return this.#keyspace.tagOf(name);
  }
}
