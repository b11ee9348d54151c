import { type Clock, type ClockTimer, TAG_COUNT } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import { parseAddress } from '../idempotency/address.js';
import type { InspectReply, RecordStore } from '../idempotency/store.js';
import type { JobRegistry } from '../job/internal.js';
import { decideRise, type WatchStore } from '../urgency/index.js';
import { type Delivery, fromEnvelope, toEnvelope } from './delivery.js';
import { deliveryId } from './identity.js';
import type { QueuePort } from './queue-port.js';

/** Between two looks at calls whose time to rise has come. */
const LOOK_EVERY_MS = 2_000;
/** Share of it that is added at random, so that a fleet's workers do not ask as one. */
const JITTER = 0.1;
/** Calls that are taken at once, under each tag. */
const PAGE = 50;
/** A call that runs now is looked at again after this: it may come back. */
const RUNNING_MS = 10_000;

/** What moving calls works with. */
export interface EscalatorParts {
  readonly registry: JobRegistry;
  readonly queueNames: readonly string[];
  readonly watched: WatchStore;
  readonly store: RecordStore;
  readonly queues: QueuePort;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

type Found = Extract<InspectReply, { tag: 'found' }>;

/**
 * Moves calls that have waited for long to a more urgent queue: a new generation of the record first, then the add
 * there, then the removal of what is left behind. Each may be repeated, and who dies in between is followed by another
 * one, or by the doctor: a delivery of an older generation finds nothing to do.
 */
export class Escalator {
  readonly #parts: EscalatorParts;
  #timer: ClockTimer | undefined;
  #look: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: EscalatorParts) {
    this.#parts = parts;
    this.#next();
  }

  /** Ends it; what is under way is finished. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#look;
  }

  #next(): void {
    if (this.#isClosed) return;
    const { clock, random } = this.#parts;
    this.#timer = clock.setTimer(LOOK_EVERY_MS * (1 + JITTER * random()), () => {
      this.#look = this.pass().finally(() => this.#next());
    });
  }

  /** Looks once at everything whose time has come. Never rejects: what could not be done is tried again. */
  async pass(): Promise<void> {
    const { registry, logger } = this.#parts;
    if (!registry.all().some(({ resolved }) => resolved.escalate.length > 0)) return;
    try {
      await Promise.all(Array.from({ length: TAG_COUNT }, (_, tag) => this.#tag(tag)));
    } catch (error) {
      if (!this.#isClosed) logger.warn({ err: error }, 'waiting calls could not be looked at');
    }
  }

  async #tag(tag: number): Promise<void> {
    const { watched, logger } = this.#parts;
    for (;;) {
      const { nowMs, members } = await watched.take(tag, PAGE);
      await Promise.all(
        members.map(async (member) => {
          try {
            await this.#call(tag, member, nowMs);
          } catch (error) {
            logger.warn(
              { err: error, member },
              'a waiting call could not be moved; it is tried again',
            );
          }
        }),
      );
      if (members.length < PAGE || this.#isClosed) return;
    }
  }

  async #call(tag: number, member: string, nowMs: number): Promise<void> {
    const { registry, watched, store, queueNames } = this.#parts;
    const address = parseAddress(member);
    const record = await store.inspect(address, '');
    if (record.tag !== 'found' || !['waiting', 'running', 'snoozed'].includes(record.state)) {
      return watched.next(tag, member, undefined);
    }
    const { envelope } = record;
    const delivery = envelope === undefined ? undefined : fromEnvelope(envelope, record);
    if (!delivery) return watched.next(tag, member, undefined);
    const job = registry.get(delivery.name);
    if (!job) return; // somebody else knows it
    const sinceMs = Math.max(record.enqueuedAtMs ?? nowMs, delivery.dueAtMs ?? 0);
    const waitedMs = nowMs - sinceMs;
    const call = { queue: record.queue, waitedMs };
    const { to, nextAfterMs } = decideRise(job.resolved.escalate, call, queueNames);
    const isAtRest = record.state === 'waiting' && record.leaseLeftMs === 0;
    if (to !== undefined && !isAtRest) {
      return watched.next(tag, member, Math.max(nowMs + RUNNING_MS, record.snoozedUntilMs ?? 0));
    }
    // Who raised the generation may have died before the add.
    if (to === undefined && isAtRest && record.start === 0 && record.generation > 1) {
      await this.#parts.queues.add(delivery);
    }
    if (to !== undefined && !(await this.#move(delivery, record, to))) return;
    await watched.next(tag, member, nextAfterMs === undefined ? undefined : sinceMs + nextAfterMs);
  }

  /** False when the call went on by itself meanwhile: it is looked at again. */
  async #move(delivery: Delivery, record: Found, to: string): Promise<boolean> {
    const { store, queues, logger } = this.#parts;
    const { id, address, queue } = delivery;
    if (!address) return true;
    const old = deliveryId({ id, generation: record.generation });
    const view = await queues.find(queue, old);
    // Without its delivery it is the doctor's.
    if (!view || (view.state !== 'waiting' && view.state !== 'delayed')) return false;
    const moved = moveTo(delivery, to, view.attemptsMade);
    const move = { queue: to, envelope: toEnvelope(moved) };
    const reply = await store.redeliver(address, id, record.generation, move);
    if (reply.tag !== 'redelivered') return false;
    const { generation, token } = reply;
    await queues.add({ ...moved, generation, token, ask: true });
    await queues.withdraw(queue, old);
    logger.info(
      { callId: id, job: delivery.name, from: queue, to },
      'a call that waited was moved',
    );
    return true;
  }
}

/** The delivery in another queue: with the attempts that are left, and at once. */
function moveTo(delivery: Delivery, to: string, attemptsMade: number): Delivery {
  const { made = 0, attempts, dueAtMs: _due, ...rest } = delivery;
  const total = attempts + made;
  return {
    ...rest,
    queue: to,
    attempts: Math.max(1, total - attemptsMade),
    ...(attemptsMade === 0 ? {} : { made: Math.min(attemptsMade, total - 1) }),
  };
}
