import type { TaskRole } from '../flow/plan.js';
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
  /** How often the effect of its key was undone before: it is another effect now. */
  readonly undone?: number | undefined;
  /** The first start, too, must ask the record: this delivery was re-created, or repeats an enqueue. */
  readonly ask?: boolean | undefined;
  readonly enqueuedAtMs: number;
  /** Its caller gave the id that an earlier enqueue made: that one may have failed halfway. Of this enqueue, never stored. */
  readonly again?: boolean | undefined;
  /** Attempts that were made before it was moved to another queue; `attempts` are those that are left. */
  readonly made?: number | undefined;
  /** The flow that it belongs to, and that every start of it asks. */
  readonly flow?: FlowPlace | undefined;
}

/** What a delivery is in its flow. */
export interface FlowPlace {
  /** The flow's id. */
  readonly id: string;
  /** Number of the task. */
  readonly task: number;
  readonly role: TaskRole;
  /** Name of the node. */
  readonly node: string;
  /** How often the task got a call of its own, from 1. */
  readonly round: number;
  /** Name of its record, when that is not its id. */
  readonly record?: string | undefined;
}

/** What BullMQ's job carries as data. Documented in docs/reference/redis-keys.md. */
export interface DeliveryData {
  readonly v: 1;
  readonly input?: unknown;
  readonly bp?: DeliveryMeta | undefined;
}

interface DeliveryMeta {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly at?: readonly ['key' | 'call', string] | undefined;
  readonly dg?: string | undefined;
  readonly gen?: number | undefined;
  readonly tk?: number | undefined;
  readonly ask?: 1 | undefined;
  readonly to?: number | undefined;
  readonly exp?: number | undefined;
  readonly pk?: number | undefined;
  readonly un?: number | undefined;
  readonly mk?: number | undefined;
  readonly fl?: readonly [string, number, TaskRole, string, number, string?] | undefined;
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
  const { id, input, idempotencyKey, address, digest, generation, token, ask, flow } = delivery;
  // JSON drops what is undefined.
  const meta: DeliveryMeta = {
    id: id === bullId ? undefined : id,
    key: idempotencyKey,
    at: address && [address.kind, address.name],
    dg: digest,
    gen: generation === 1 ? undefined : generation,
    tk: token,
    ask: ask ? 1 : undefined,
    to: delivery.timeoutMs,
    exp: delivery.expiresAtMs,
    mk: delivery.made,
    un: delivery.undone || undefined,
    fl: flow && [flow.id, flow.task, flow.role, flow.node, flow.round, flow.record],
  };
  return { v: 1, input, bp: isEmpty(meta) ? undefined : meta };
}

function isEmpty(meta: DeliveryMeta): boolean {
  for (const name in meta) if (meta[name as keyof DeliveryMeta] !== undefined) return false;
  return true;
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
    made: meta.mk,
    idempotencyKey: meta.key,
    address: meta.at && { kind: meta.at[0], name: meta.at[1] },
    digest: meta.dg,
    generation: meta.gen ?? 1,
    token: meta.tk,
    ask: meta.ask === 1,
    undone: meta.un,
    enqueuedAtMs: envelope.enqueuedAtMs,
    flow: meta.fl && placeIn(meta.fl),
  };
}

function placeIn(fl: NonNullable<DeliveryMeta['fl']>): FlowPlace {
  const [id, task, role, node, round, record] = fl;
  return { id, task, role, node, round, record: record ?? undefined };
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

/** How often a delivery was parked: started where no handler knew its job. */
export function parksOf(data: DeliveryData): number {
  return data.bp?.pk ?? 0;
}

/** BullMQ's job data of a delivery that is parked once more. */
export function parkedOnceMore(data: DeliveryData): DeliveryData {
  return { ...data, bp: { ...data.bp, pk: parksOf(data) + 1 } };
}
