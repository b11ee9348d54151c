import { serializeError, type TypedEmitter } from '@bulletproof/kernel';
import type { InspectReply, OpenRecord, RecordStore, RunRef } from '../../idempotency/store.js';
import type { JobEvents } from '../../job/events.js';
import { DeliveryDiedError } from '../../job/run-errors.js';
import type { DeadStory } from '../dead-story.js';
import { type Delivery, fromEnvelope } from '../delivery.js';
import { deliveryId } from '../identity.js';
import type { DeliveryView, Presence, QueuePort } from '../queue-port.js';
import type { DoctorRepair } from './report.js';

/** What repairs work with. */
export interface RepairParts {
  readonly store: RecordStore;
  readonly queues: QueuePort;
  readonly events: TypedEmitter<JobEvents>;
  readonly leaseMs: number;
  readonly keepResultForMs: number;
  readonly keepDeadForMs: number;
}

/** How a repair ended; `held`: a run may still be at work; `moved`: the call went on by itself meanwhile. */
export type Mended = DoctorRepair['done'] | 'held' | 'moved';

type Found = Extract<InspectReply, { tag: 'found' }>;

/**
 * Mends single calls. Each repair is a transition first and an enqueue after it, so that any number of doctors may
 * work at once, and each may die at any point.
 */
export class Repair {
  readonly #parts: RepairParts;

  constructor(parts: RepairParts) {
    this.#parts = parts;
  }

  /** Mends a call whose delivery was `found` missing or ended while its record was open. */
  async mend(seen: OpenRecord, found: Exclude<Presence, 'open'>): Promise<Mended> {
    const { store, queues } = this.#parts;
    const record = await store.inspect(seen.address, '');
    // The record is told of an end before the queue is: one that is still open now was not told.
    if (!isStillOpen(record, seen)) return 'moved';
    if (record.leaseLeftMs > 0) return 'held';
    if (found === 'missing') return this.#redeliver(seen, record);
    const view = await queues.find(seen.queue, deliveryId(seen));
    if (view?.state === 'failed') return this.#bury(seen, record, view);
    if (view?.state === 'completed') return this.#complete(seen, record, view);
    return 'moved';
  }

  async #redeliver(seen: OpenRecord, record: Found): Promise<Mended> {
    const { store, queues } = this.#parts;
    if (record.envelope === undefined) return this.#abandon(seen);
    if (record.start === 0) {
      // Its producer may stand still before the add. The same add made here first, asking, takes its place.
      await queues.add(asked(record.envelope, record, record));
      const [presence] = await queues.presence(seen.queue, [deliveryId(seen)]);
      if (presence !== 'missing') return 'redelivered';
    }
    const reply = await store.redeliver(seen.address, seen.id, seen.generation);
    if (reply.tag !== 'redelivered') return reply.tag;
    await queues.add(asked(reply.envelope, reply, record));
    return 'redelivered';
  }

  async #bury(seen: OpenRecord, record: Found, view: DeliveryView): Promise<Mended> {
    const { store, events, keepDeadForMs } = this.#parts;
    const { delivery, attemptsMade, maxAttempts, failedReason = 'no reason given' } = view;
    const error = new DeliveryDiedError(delivery.name, seen.id, failedReason);
    const attempts = Math.min(attemptsMade, maxAttempts);
    const story: DeadStory = { delivery, error: serializeError(error), attempts, maxAttempts };
    const run = lastRun(seen, record, delivery);
    const reply = await store.bury(run, JSON.stringify(story), keepDeadForMs);
    if (reply.tag !== 'buried') return 'moved';
    const { id, queue } = seen;
    const key = delivery.idempotencyKey;
    events.emit('job.dead', {
      id,
      name: delivery.name,
      queue,
      attempt: attempts,
      error,
      ...(key === undefined ? {} : { key }),
    });
    return 'buried';
  }

  async #complete(seen: OpenRecord, record: Found, view: DeliveryView): Promise<Mended> {
    const { store, keepResultForMs } = this.#parts;
    const json = view.result === undefined ? undefined : JSON.stringify(view.result);
    const run = lastRun(seen, record, view.delivery);
    const reply = await store.complete(run, json, keepResultForMs);
    return reply.tag === 'completed' ? 'completed' : 'moved';
  }

  /** Redis lost the record once and the delivery after it: nobody knows the input any more. */
  async #abandon(seen: OpenRecord): Promise<Mended> {
    const { store, leaseMs, keepDeadForMs } = this.#parts;
    const { address, id, queue } = seen;
    const reply = await store.cancel({
      address,
      id,
      queue,
      reason: 'Redis lost its record and its delivery',
      create: false,
      idle: true,
      leaseMs,
      keepMs: keepDeadForMs,
    });
    return reply.tag === 'cancelled' ? 'abandoned' : 'moved';
  }
}

function isStillOpen(record: InspectReply, seen: OpenRecord): record is Found {
  return (
    record.tag === 'found' &&
    ['waiting', 'running', 'snoozed'].includes(record.state) &&
    record.id === seen.id &&
    record.generation === seen.generation
  );
}

/** The delivery that a record describes, not before the time until which its call is put off. */
function asked(
  envelope: string,
  now: { readonly generation: number; readonly token: number },
  { snoozedUntilMs }: Found,
): Delivery {
  const delivery = fromEnvelope(envelope, now);
  return snoozedUntilMs === undefined ? delivery : { ...delivery, dueAtMs: snoozedUntilMs };
}

/** The last run of a call that has none at work, as it would present itself. */
function lastRun(
  { address, id, queue, generation }: OpenRecord,
  record: Found,
  delivery: Delivery,
): RunRef {
  const { start, token } = record;
  return { address, id, digest: delivery.digest ?? '', queue, generation, start, token, ttlMs: 0 };
}
