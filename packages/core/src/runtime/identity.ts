import { randomUUID } from 'node:crypto';
import { digestText } from '@bulletproof/kernel';
import type { RecordAddress } from '../idempotency/store.js';
import { callIdToBullId } from '../job/internal.js';
import type { Delivery } from './delivery.js';

const KEYED_ID = /^k-([A-Za-z0-9_-]{22})-[A-Za-z0-9_-]{8}$/;
const ANONYMOUS_ID = /^a-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where the record of a job's idempotency key lives: 132 bits of SHA-256 over the job's name and the key. */
export function keyAddress(job: string, key: string): RecordAddress {
  return { kind: 'key', name: digestText(`${job}\0${key}`).slice(0, 22) };
}

/** Where the record of a call without a key lives. */
export function callAddress(id: string): RecordAddress {
  return { kind: 'call', name: id };
}

/**
 * A new call id. A keyed call's id names its record, so that it is found by id alone; an anonymous call's says that it
 * has none, so that enqueuing it again with that id makes none either.
 */
export function newCallId(address?: RecordAddress): string {
  const random = randomUUID();
  return address ? `k-${address.name}-${random.slice(0, 8)}` : `a-${random}`;
}

/** Whether an id is one that an anonymous call was given. */
export function isAnonymousId(id: string): boolean {
  return ANONYMOUS_ID.test(id);
}

/** Whether an id is of the shape that keyed calls are given: it names the record that it belongs to. */
export function isKeyedId(id: string): boolean {
  return KEYED_ID.test(id);
}

/** Whether an id is one that a call was given because its caller chose none. */
export function isMadeId(id: string): boolean {
  return isAnonymousId(id) || isKeyedId(id);
}

/** Where to look for the record of a call of which only the id is known. */
export function addressOfId(id: string): RecordAddress {
  const keyed = KEYED_ID.exec(id);
  return keyed?.[1] ? { kind: 'key', name: keyed[1] } : callAddress(id);
}

/** BullMQ's id of a delivery: the call's id, and the generation when it was re-created. */
export function deliveryId(call: Pick<Delivery, 'id' | 'generation'>): string {
  const id = callIdToBullId(call.id);
  return call.generation === 1 ? id : `${id}~${call.generation}`;
}
