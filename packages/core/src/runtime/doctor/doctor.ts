import type { Clock } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { OpenRecord, RecordStore } from '../../idempotency/store.js';
import type { FlowDoctor } from '../flows/flow-doctor.js';
import { isTaskCallId } from '../flows/task-id.js';
import { deliveryId } from '../identity.js';
import type { Presence, QueuePort } from '../queue-port.js';
import type { Repair } from './repair.js';
import { type DoctorReport, DoctorTally } from './report.js';

/** What the doctor works with. */
export interface DoctorParts {
  readonly store: RecordStore;
  readonly queues: QueuePort;
  readonly repair: Repair;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly flows: FlowDoctor;
}

/**
 * Compares the records of open calls with their deliveries, and mends what came apart: a producer that died between
 * the two, a job removed by hand, an obliterated queue, a delivery that failed outside a handler.
 */
export class Doctor {
  readonly #parts: DoctorParts;

  constructor(parts: DoctorParts) {
    this.#parts = parts;
  }

  /**
   * Looks once at every call that was admitted at or before `beforeMs` (epoch ms) and is open throughout.
   * @throws the signal's reason when `signal` is aborted; what was mended stays mended
   */
  async pass(beforeMs: number, signal?: AbortSignal): Promise<DoctorReport> {
    const { store, clock } = this.#parts;
    const startedAt = clock.monotonicMs();
    const tally = new DoctorTally();
    for await (const found of store.survey(beforeMs)) {
      signal?.throwIfAborted();
      // What holds a record for a flow is looked after with its flow.
      const page = found.filter(({ id }) => !isTaskCallId(id));
      tally.looked += page.length;
      for (const queue of new Set(page.map((record) => record.queue))) {
        await this.#queue(
          queue,
          page.filter((record) => record.queue === queue),
          tally,
        );
      }
    }
    await this.#parts.flows.pass(beforeMs, tally, signal);
    return tally.report(clock.monotonicMs() - startedAt);
  }

  async #queue(queue: string, records: readonly OpenRecord[], tally: DoctorTally): Promise<void> {
    const presences = await this.#parts.queues.presence(queue, records.map(deliveryId));
    for (const [at, record] of records.entries()) {
      const presence = presences[at] ?? 'open';
      if (presence !== 'open') await this.#mend(record, presence, tally);
    }
  }

  async #mend(
    record: OpenRecord,
    found: Exclude<Presence, 'open'>,
    tally: DoctorTally,
  ): Promise<void> {
    const done = await this.#parts.repair.mend(record, found);
    if (done === 'moved') return;
    if (done === 'held') {
      tally.held += 1;
      return;
    }
    const { id, queue } = record;
    this.#parts.logger.warn({ callId: id, queue, found, done }, 'the doctor mended a call');
    tally.repaired({ id, queue, found, done });
  }
}
