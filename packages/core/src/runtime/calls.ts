import type { Clock, TypedEmitter } from '@bulletproof/kernel';
import { FlowOwnsCallError } from '../flow/errors.js';
import { parseAddress } from '../idempotency/address.js';
import type { InspectReply, RecordAddress, RecordStore } from '../idempotency/store.js';
import type { JobEvents } from '../job/events.js';
import type { Bounded } from './bounded.js';
import { type CallStatus, statusOf } from './call-status.js';
import { fromEnvelope } from './delivery.js';
import { isTaskCallId } from './flows/task-id.js';
import { addressOfId, deliveryId } from './identity.js';
import type { DeliveryView, QueuePort } from './queue-port.js';

/** Everything that is known of one call. */
export interface Found {
  readonly address: RecordAddress;
  readonly record: InspectReply;
  readonly view: DeliveryView | undefined;
  readonly status: CallStatus;
}

/** What looking at and cancelling calls works with. */
export interface CallsParts {
  readonly bounded: Bounded;
  readonly store: RecordStore;
  readonly queues: QueuePort;
  readonly queueNames: readonly string[];
  readonly events: TypedEmitter<JobEvents>;
  readonly announceCancel: (id: string, reason: string) => Promise<void>;
  readonly leaseMs: number;
  readonly keepDeadForMs: number;
  readonly keepResultForMs: number;
  readonly clock: Clock;
}

/** Finds calls by id, from any process, and cancels them. */
export class Calls {
  readonly #parts: CallsParts;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  /** Reads record and queue; `queueHint` is where the call was enqueued, when that is known. */
  find(id: string, queueHint?: string): Promise<Found> {
    return this.#parts.bounded.run(() => this.#find(id, queueHint));
  }

  /**
   * Cancels a call that has not ended; a run at work gets its signal. True when the call is cancelled, also by
   * someone before; false when it had ended, or nothing is known of it.
   */
  cancel(id: string, reason: string, queueHint?: string): Promise<boolean> {
    if (isTaskCallId(id)) return Promise.reject(new FlowOwnsCallError(id, 'cancel()'));
    return this.#parts.bounded.run(() => this.#cancel(id, reason, queueHint));
  }

  async #find(id: string, queueHint?: string): Promise<Found> {
    const found = await this.#look(id, queueHint);
    // The record hears of an end before the queue does: one that it did not know yet is in it by now.
    return isBehind(found) ? this.#look(id, queueHint) : found;
  }

  async #look(id: string, queueHint?: string): Promise<Found> {
    const { store } = this.#parts;
    let address = addressOfId(id);
    let record = await store.inspect(address, id);
    if (record.tag === 'pointer') {
      address = parseAddress(record.address);
      record = await store.inspect(address, id);
    }
    const own = record.tag === 'found' && record.id === id ? record : undefined;
    const isOver = own !== undefined && ['done', 'dead', 'cancelled'].includes(own.state);
    const generation = own?.generation ?? 1;
    const known =
      isOver && own.state !== 'done'
        ? undefined
        : await this.#view({ id, generation }, own?.queue || queueHint);
    // BullMQ trims what has expired only when another job ends; for us it is gone on time.
    const view = own === undefined && this.#isExpired(known) ? undefined : known;
    const status = statusOf(id, record, view, queueHint ?? '');
    return { address, record, view, status };
  }

  async #cancel(id: string, reason: string, queueHint?: string): Promise<boolean> {
    const { store, leaseMs, keepDeadForMs } = this.#parts;
    const { address, record, view, status } = await this.#find(id, queueHint);
    const isOpen = view !== undefined && view.state !== 'completed' && view.state !== 'failed';
    const request = {
      address,
      id,
      reason,
      queue: status.queue,
      create: isOpen,
      idle: false,
      leaseMs,
      keepMs: keepDeadForMs,
    };
    const wasCancelled = status.state === 'cancelled';
    const reply = await store.cancel(request);
    if (reply.tag !== 'cancelled') return false;

    const queue = reply.queue || status.queue;
    const delivery = deliveryId({ id, generation: reply.generation });
    const withdrawn = await this.#parts.queues.withdraw(queue, delivery);
    if (withdrawn === 'running') {
      await this.#parts.announceCancel(id, reason);
      return true;
    }
    if (withdrawn === 'missing' && record.tag === 'found' && record.envelope) {
      // Its producer may stand still before the add. The same add made here first, asking, takes its place.
      await this.#parts.queues.add(fromEnvelope(record.envelope, record));
    }
    await store.cancel({ ...request, idle: true });
    if (!wasCancelled) this.#emitCancelled(id, view, status, reason);
    return true;
  }

  #isExpired(view: DeliveryView | undefined): boolean {
    const { clock, keepResultForMs } = this.#parts;
    return (
      view?.state === 'completed' &&
      view.finishedAtMs !== undefined &&
      view.finishedAtMs + keepResultForMs <= clock.nowMs()
    );
  }

  #emitCancelled(
    id: string,
    view: DeliveryView | undefined,
    status: CallStatus,
    reason: string,
  ): void {
    const key = view?.delivery.idempotencyKey;
    this.#parts.events.emit('job.cancelled', {
      id,
      name: view?.delivery.name ?? '',
      queue: status.queue,
      attempt: status.attempt,
      reason,
      ...(key === undefined ? {} : { key }),
    });
  }

  async #view(
    call: { readonly id: string; readonly generation: number },
    queueHint: string | undefined,
  ): Promise<DeliveryView | undefined> {
    const { queues, queueNames } = this.#parts;
    const delivery = deliveryId(call);
    if (queueHint) {
      const view = await queues.find(queueHint, delivery);
      if (view) return view;
    }
    const others = queueNames.filter((name) => name !== queueHint);
    const views = await Promise.all(others.map((name) => queues.find(name, delivery)));
    return views.find((view) => view !== undefined);
  }
}

/** True when the call ended between the look at its record and the look at its queue. */
function isBehind({ record, view }: Found): boolean {
  if (record.tag === 'pointer' || record.story !== undefined) return false;
  if (view?.state === 'failed') return true;
  if (view?.state !== 'completed') return false;
  return record.tag === 'found' ? record.state !== 'done' : view.result === undefined;
}
