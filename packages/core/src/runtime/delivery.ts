import type { RecordAddress } from '../idempotency/store.js';

/**
 * One call on its way to a worker. Everything that a delivery can be made from again; it is stored in the
 * call's record as JSON while the call is open, and in BullMQ's job.
 */
export interface Delivery {
  /** The call's id. */
  readonly id: string;
  /** The job's name. */
  readonly name: string;
  readonly queue: string;
  /** Raw input; absent for a job without one. */
  readonly input?: unknown;
  readonly attempts: number;
  /** Epoch ms before which it does not start. */
  readonly dueAtMs?: number | undefined;
  /** Overrides the job's timeout, ms. */
  readonly timeoutMs?: number | undefined;
  /** Epoch ms after which it is not started any more. */
  readonly expiresAtMs?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Where the record lives; absent for an anonymous call. */
  readonly address?: RecordAddress | undefined;
  /** Digest of the canonical JSON of the input; absent for an anonymous call. */
  readonly digest?: string | undefined;
  /** Which re-creation this is, from 1. */
  readonly generation: number;
  /** Fencing token of its first start; absent for an anonymous call. */
  readonly token?: number | undefined;
  /** The first start, too, must ask the record: this delivery was re-created, or repeats an enqueue. */
  readonly ask?: boolean | undefined;
  readonly enqueuedAtMs: number;
  /** Its caller gave the id that an earlier enqueue made: that one may have failed halfway. Of this enqueue, never stored. */
  readonly again?: boolean | undefined;
}

/** What BullMQ's job carries as data. Documented in docs/reference/redis-keys.md. */
export interface DeliveryData {
  readonly v: 1;
  readonly input?: unknown;
  readonly bp?: DeliveryMeta;
}

interface DeliveryMeta {
  readonly id?: string;
  readonly key?: string;
  readonly at?: readonly ['key' | 'call', string];
  readonly dg?: string;
  readonly gen?: number;
  readonly tk?: number;
  readonly ask?: 1;
  readonly to?: number;
  readonly exp?: number;
}

/** Fields of a delivery that BullMQ's own job fields carry. */
export interface DeliveryEnvelope {
  readonly callId: string;
  readonly name: string;
  readonly queue: string;
  readonly attempts: number;
  readonly enqueuedAtMs: number;
}

/** Packs a delivery into BullMQ job data; `bullId` is the id that the job gets. */
export function packDelivery(delivery: Delivery, bullId: string): DeliveryData {
  const { id, input, idempotencyKey, address, digest, generation, token, ask } = delivery;
  const meta: DeliveryMeta = {
    ...(id === bullId ? {} : { id }),
    ...(idempotencyKey === undefined ? {} : { key: idempotencyKey }),
    ...(address === undefined ? {} : { at: [address.kind, address.name] as const }),
    ...(digest === undefined ? {} : { dg: digest }),
    ...(generation === 1 ? {} : { gen: generation }),
    ...(token === undefined ? {} : { tk: token }),
    ...(ask ? { ask: 1 as const } : {}),
    ...(delivery.timeoutMs === undefined ? {} : { to: delivery.timeoutMs }),
    ...(delivery.expiresAtMs === undefined ? {} : { exp: delivery.expiresAtMs }),
  };
  const data: DeliveryData = input === undefined ? { v: 1 } : { v: 1, input };
  return Object.keys(meta).length === 0 ? data : { ...data, bp: meta };
}

const NO_META: DeliveryMeta = {};

/** Reads a delivery out of BullMQ job data. */
export function unpackDelivery(data: DeliveryData, envelope: DeliveryEnvelope): Delivery {
  const meta = data.bp ?? NO_META;
  // One literal of one shape: this runs once a job.
  return {
    id: meta.id ?? envelope.callId,
    name: envelope.name,
    queue: envelope.queue,
    input: data.input,
    attempts: envelope.attempts,
    timeoutMs: meta.to,
    expiresAtMs: meta.exp,
    idempotencyKey: meta.key,
    address: meta.at && { kind: meta.at[0], name: meta.at[1] },
    digest: meta.dg,
    generation: meta.gen ?? 1,
    token: meta.tk,
    ask: meta.ask === 1,
    enqueuedAtMs: envelope.enqueuedAtMs,
  };
}

/** The delivery as JSON, to be kept in the call's record. */
export function toEnvelope(delivery: Delivery): string {
  const { again: _, ...kept } = delivery;
  return JSON.stringify(kept);
}

/** A delivery from the JSON in a record, for the generation and token that the record names now. */
export function fromEnvelope(
  envelope: string,
  now: { readonly generation: number; readonly token: number },
): Delivery {
  return { ...(JSON.parse(envelope) as Delivery), ...now, ask: true };
}
