import type { Clock, TypedEmitter } from '@bulletproof/kernel';
import type { AdmitReply, RecordStore } from '../idempotency/store.js';
import type { Call } from '../job/call.js';
import type { JobEvents } from '../job/events.js';
import { callFacts, createCall, parseCall } from '../job/internal.js';
import { IdempotencyConflictError } from '../job/run-errors.js';
import type { Bounded } from './bounded.js';
import { type Delivery, fromEnvelope, toEnvelope } from './delivery.js';
import { CallIdConflictError, type RedisUnavailableError } from './errors.js';
import { isKeyedId } from './identity.js';
import { type Prepared, type PrepareParts, prepare } from './prepare.js';
import type { QueuePort } from './queue-port.js';

/** How an enqueue ended. */
export interface Enqueued {
  readonly id: string;
  readonly queue: string;
  readonly deduplicated: boolean;
}

/** What a producer works with. */
export interface ProducerParts extends PrepareParts {
  readonly store: RecordStore;
  readonly queues: QueuePort;
  readonly events: TypedEmitter<JobEvents>;
  readonly clock: Clock;
  readonly bounded: Bounded;
  /** Life of the binding of an explicit id to its key's record, ms. */
  readonly pointerTtlMs: number;
  /** Notes that a call is to be moved when it waits for long. */
  readonly watch: (delivery: Delivery, afterMs: number) => Promise<void>;
}

/**
 * Puts calls into their queues: the transition of the record first, then BullMQ's add. Both can be repeated, so
 * that an enqueue rides out a short loss of the connection.
 */
export class Producer {
  readonly #parts: ProducerParts;

  constructor(parts: ProducerParts) {
    this.#parts = parts;
  }

  async enqueue(call: Call): Promise<Enqueued> {
    const ready = prepare(this.#parts, call);
    return this.enqueuePrepared(ready instanceof Promise ? await ready : ready);
  }

  /** Enqueues a call that has passed all checks. */
  async enqueuePrepared(prepared: Prepared): Promise<Enqueued> {
    const enqueued = await this.within(prepared, async (isRepeat) => {
      const admitted = await this.admit(prepared, isRepeat);
      const { add } = admitted;
      if (add) await this.#parts.queues.add(isRepeat && add.address ? { ...add, ask: true } : add);
      return admitted.enqueued;
    });
    this.emit(prepared.delivery, enqueued);
    return enqueued;
  }

  /**
   * Does a part of an enqueue that can be repeated, within its time limit.
   * @throws RedisUnavailableError (`REDIS_UNAVAILABLE`) with the call and its id when the time is over
   */
  within<T>(prepared: Prepared, work: (isRepeat: boolean) => Promise<T>): Promise<T> {
    return this.#parts.bounded.run(work, () => withId(prepared));
  }

  /** The transition alone: what must be added, or the call that already holds the record. */
  async admit(
    prepared: Prepared,
    isRepeat: boolean,
  ): Promise<{ readonly add?: Delivery; readonly enqueued: Enqueued }> {
    const { delivery } = prepared;
    const { address, id, queue } = delivery;
    if (!address) return { add: delivery, enqueued: { id, queue, deduplicated: false } };
    const { store, pointerTtlMs } = this.#parts;
    if (address.kind === 'key' && prepared.call.options?.id !== undefined && !isKeyedId(id)) {
      const isOurs = await store.point(id, address, pointerTtlMs);
      if (!isOurs) throw new CallIdConflictError(delivery.name, id);
    }
    const digest = delivery.digest ?? '';
    const envelope = toEnvelope(delivery);
    const { riseAfterMs } = prepared;
    const [reply] = await Promise.all([
      store.admit({ address, id, digest, queue, envelope }),
      // Sent with it: an entry without its call is harmless, a call without its entry would never rise.
      riseAfterMs === undefined ? undefined : this.#parts.watch(delivery, riseAfterMs),
    ]);
    return this.#admitted(delivery, reply, isRepeat);
  }

  emit(delivery: Delivery, enqueued: Enqueued): void {
    const { events } = this.#parts;
    const name = enqueued.deduplicated ? 'job.deduplicated' : 'job.enqueued';
    if (!events.has(name)) return;
    const { dueAtMs, enqueuedAtMs, idempotencyKey } = delivery;
    events.emit(name, {
      id: enqueued.id,
      name: delivery.name,
      queue: enqueued.queue,
      ...(idempotencyKey === undefined ? {} : { key: idempotencyKey }),
      ...(dueAtMs === undefined || enqueued.deduplicated
        ? {}
        : { delayMs: Math.max(0, dueAtMs - enqueuedAtMs) }),
    });
  }

  /** The error of an enqueue that Redis did not take. */
  unavailable(prepared: Prepared, cause: unknown): RedisUnavailableError {
    return this.#parts.bounded.unavailable(cause, () => withId(prepared));
  }

  #admitted(
    delivery: Delivery,
    reply: AdmitReply,
    isRepeat: boolean,
  ): { readonly add?: Delivery; readonly enqueued: Enqueued } {
    switch (reply.tag) {
      case 'admitted': {
        const { token, generation, undone } = reply;
        const add: Delivery = {
          ...delivery,
          token,
          generation,
          undone,
          ask: delivery.ask || generation > 1,
        };
        const enqueued = { id: delivery.id, queue: delivery.queue, deduplicated: false };
        return { add, enqueued };
      }
      case 'known': {
        const deduplicated = !(isRepeat && reply.id === delivery.id);
        const enqueued = { id: reply.id, queue: reply.queue || delivery.queue, deduplicated };
        // Its producer may have died between the transition and the add. Adding again adds nothing if it did not.
        if (reply.state === 'waiting' && reply.envelope) {
          const again = reply.id === delivery.id && delivery.again;
          return { add: { ...fromEnvelope(reply.envelope, reply), again }, enqueued };
        }
        return { enqueued };
      }
      case 'conflict': {
        if (delivery.idempotencyKey === undefined || reply.id === delivery.id) {
          throw new CallIdConflictError(delivery.name, delivery.id);
        }
        throw new IdempotencyConflictError(delivery.name, delivery.idempotencyKey, reply.id);
      }
    }
  }
}

/** The call with the id it was given: enqueuing that again is the same enqueue. */
function withId({ call, delivery }: Prepared): Call {
  const options = { ...call.options, id: delivery.id };
  const { definition } = callFacts(call);
  // A call that knows its job keeps it: a producer need not have registered it.
  return definition ? createCall(definition, call.input, options) : parseCall({ ...call, options });
}
