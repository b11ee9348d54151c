import { classifyRedisError, isBulletproofError, rule } from '@bulletproof/kernel';
import type { Call } from '../job/call.js';
import type { Delivery } from './delivery.js';
import { type Prepared, type PrepareParts, prepare } from './prepare.js';
import type { Enqueued, Producer } from './producer.js';
import type { QueuePort } from './queue-port.js';
import { toError } from './thrown.js';

/** Calls of one page: small enough to hold Redis for a few milliseconds only. */
const PAGE = 500;
/** Pages under way at once: one is prepared here while another is at work in Redis. */
const PAGES_UNDER_WAY = 3;

/** A call of `enqueueMany` that was not enqueued. */
export interface RefusedCall {
  /** Its place in the iterable, from 0. */
  readonly index: number;
  readonly error: Error;
}

/** The account of an `enqueueMany`: every call is in exactly one of the three. */
export interface EnqueuedMany {
  readonly enqueued: number;
  readonly deduplicated: number;
  readonly refused: readonly RefusedCall[];
}

const iterable = rule.matching(
  'an iterable or async iterable of calls',
  (value): value is Iterable<Call> | AsyncIterable<Call> =>
    typeof value === 'object' &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value),
);

interface Account {
  enqueued: number;
  deduplicated: number;
  refused: RefusedCall[];
}

interface Slot {
  readonly index: number;
  readonly prepared: Prepared;
}

interface Admitted extends Slot {
  readonly add: Delivery;
  readonly enqueued: Enqueued;
}

/** Enqueues an iterable in pages, with a bounded number of them under way: the source is read no faster than Redis takes. */
export class ManyProducer {
  readonly #parts: PrepareParts;
  readonly #producer: Producer;
  readonly #queues: QueuePort;

  constructor(parts: PrepareParts, producer: Producer, queues: QueuePort) {
    this.#parts = parts;
    this.#producer = producer;
    this.#queues = queues;
  }

  async enqueueMany(calls: Iterable<Call> | AsyncIterable<Call>): Promise<EnqueuedMany> {
    iterable(calls, 'enqueueMany');
    const account: Account = { enqueued: 0, deduplicated: 0, refused: [] };
    const underWay = new Set<Promise<void>>();
    let page: Slot[] = [];
    let index = 0;
    const send = async (): Promise<void> => {
      const sent = page;
      page = [];
      const work = this.#send(sent, account).finally(() => underWay.delete(work));
      underWay.add(work);
      if (underWay.size >= PAGES_UNDER_WAY) await Promise.race(underWay);
    };
    try {
      for await (const call of calls) {
        const slot = await this.#prepared(call, index, account);
        if (slot) page.push(slot);
        index += 1;
        if (page.length >= PAGE) await send();
      }
    } finally {
      // Also when the source throws: what was read before is enqueued, and its error goes to the caller.
      if (page.length > 0) await send();
      await Promise.all(underWay);
    }
    account.refused.sort((a, b) => a.index - b.index);
    return account;
  }

  async #prepared(call: Call, index: number, account: Account): Promise<Slot | undefined> {
    try {
      const ready = prepare(this.#parts, call);
      return { index, prepared: ready instanceof Promise ? await ready : ready };
    } catch (error) {
      account.refused.push({ index, error: toError(error) });
      return undefined;
    }
  }

  async #send(slots: readonly Slot[], account: Account): Promise<void> {
    const admitted = await this.#admit(slots, account);
    const byQueue = new Map<string, Admitted[]>();
    for (const one of admitted) {
      const group = byQueue.get(one.add.queue);
      if (group) group.push(one);
      else byQueue.set(one.add.queue, [one]);
    }
    await Promise.all([...byQueue].map(([queue, group]) => this.#add(queue, group, account)));
  }

  async #admit(slots: readonly Slot[], account: Account): Promise<Admitted[]> {
    const admitted: Admitted[] = [];
    const one = async (slot: Slot): Promise<void> => {
      try {
        const { add, enqueued } = await this.#producer.within(slot.prepared, (isRepeat) =>
          this.#producer.admit(slot.prepared, isRepeat),
        );
        if (add) admitted.push({ ...slot, add, enqueued });
        else this.#count(slot, enqueued, account);
      } catch (error) {
        account.refused.push({ index: slot.index, error: toError(error) });
      }
    };
    // Anonymous calls have no transition of their own: they skip the promise each.
    const waiting: Promise<void>[] = [];
    for (const slot of slots) {
      const { delivery } = slot.prepared;
      if (delivery.address) waiting.push(one(slot));
      else {
        const enqueued = { id: delivery.id, queue: delivery.queue, deduplicated: false };
        admitted.push({ ...slot, add: delivery, enqueued });
      }
    }
    await Promise.all(waiting);
    return admitted;
  }

  async #add(queue: string, group: readonly Admitted[], account: Account): Promise<void> {
    const [first] = group;
    if (!first) return;
    let errors: readonly (Error | undefined)[];
    try {
      errors = await this.#producer.within(first.prepared, (isRepeat) =>
        this.#queues.addMany(
          queue,
          group.map(({ add }) => (isRepeat && add.address ? { ...add, ask: true } : add)),
        ),
      );
    } catch (error) {
      errors = group.map(() => toError(error));
    }
    group.forEach((one, at) => {
      const error = errors[at];
      if (error) account.refused.push({ index: one.index, error: this.#own(error, one) });
      else this.#count(one, one.enqueued, account);
    });
  }

  /** The trouble of a whole page as the error of one call: each gets its own call back. */
  #own(error: Error, { prepared }: Slot): Error {
    const isAway =
      isBulletproofError(error, 'REDIS_UNAVAILABLE') || classifyRedisError(error) !== undefined;
    return isAway ? this.#producer.unavailable(prepared, error) : error;
  }

  #count(slot: Slot, enqueued: Enqueued, account: Account): void {
    if (enqueued.deduplicated) account.deduplicated += 1;
    else account.enqueued += 1;
    this.#producer.emit(slot.prepared.delivery, enqueued);
  }
}
