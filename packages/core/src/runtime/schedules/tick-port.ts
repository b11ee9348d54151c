import { type Clock, isBulletproofError } from '@bulletproof/kernel';
import type { RecordStore } from '../../idempotency/store.js';
import type { IdempotencyConflictError } from '../../job/run-errors.js';
import type { Tick, TickPort } from '../../schedule/internal.js';
import type { Calls } from '../calls.js';
import { keyAddress } from '../identity.js';
import type { Producer } from '../producer.js';
import { type CallTemplate, preparedOf, tickId, tickKey } from './template.js';

/** What the runs of ticks need. */
export interface CallTicksParts {
  readonly producer: Producer;
  readonly store: RecordStore;
  readonly calls: Calls;
  readonly clock: Clock;
}

/** The runs of ticks as calls: each has a key of its own, and so runs once, whoever enqueues it how often. */
export class CallTicks implements TickPort {
  readonly #parts: CallTicksParts;

  constructor(parts: CallTicksParts) {
    this.#parts = parts;
  }

  async enqueue(tick: Tick): Promise<{ readonly id: string; readonly isNew: boolean }> {
    const { producer, clock } = this.#parts;
    const { key, id } = named(tick);
    const template = tick.record.template as CallTemplate;
    try {
      const prepared = preparedOf(template, { key, id, nowMs: clock.nowMs() });
      const enqueued = await producer.enqueuePrepared(prepared);
      return { id: enqueued.id, isNew: !enqueued.deduplicated };
    } catch (error) {
      // It ran with the input that the schedule had before: a tick runs once, whatever is changed meanwhile.
      if (!isBulletproofError(error, 'IDEMPOTENCY_CONFLICT')) throw error;
      return { id: (error as IdempotencyConflictError).heldBy, isNew: false };
    }
  }

  async look(
    tick: Tick,
  ): Promise<{ readonly isGoing: boolean; readonly endedMs: number | undefined }> {
    const { key, id } = named(tick);
    const record = await this.#parts.store.inspect(keyAddress(tick.record.job, key), id);
    if (record.tag !== 'found') {
      return { isGoing: false, endedMs: record.tag === 'missing' ? record.diedAtMs : undefined };
    }
    const isGoing = !['done', 'dead', 'cancelled'].includes(record.state);
    return { isGoing, endedMs: record.finishedAtMs ?? record.diedAtMs };
  }

  async cancel(tick: Tick): Promise<void> {
    const { id } = named(tick);
    const reason = `the next tick of the schedule '${tick.schedule}' takes its place`;
    await this.#parts.calls.cancel(id, reason, tick.record.queue);
  }
}

function named({ schedule, record, at }: Tick): { readonly key: string; readonly id: string } {
  const key = tickKey(schedule, at);
  return { key, id: tickId(record.job, key) };
}
