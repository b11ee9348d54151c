import { expect } from '@jest/globals';
import type { RecordStore, RunRef } from '../../../src/idempotency/store.js';
import { REASON, type Stand } from './scene.js';

/** What an operation answers, and the state it leaves. */
export type Row = Readonly<Record<Stand, readonly [reply: object | boolean, leaves: string]>>;

/** An operation of the table. */
export interface Operation {
  readonly name: string;
  make(store: RecordStore, run: RunRef): Promise<unknown>;
  readonly row: Row;
  /** What it answers when it is made again, where that is not the same. */
  readonly again?: Partial<Readonly<Record<Stand, object | boolean>>>;
}

/** A reply. */
export const tag = (name: string, more: object = {}): object => ({ tag: name, ...more });

/** Any number. */
export const any: unknown = expect.any(Number);

/** The reply to whoever asks for a call that was cancelled. */
export const CANCELLED = tag('cancelled', { reason: REASON });
