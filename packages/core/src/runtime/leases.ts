import type { Clock } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { RecordStore } from '../idempotency/store.js';
import { JobCancelledError } from '../job/run-errors.js';
import type { QueueWorkerPort } from './queue-port.js';
import type { Run } from './run.js';

/** How many times a lease is renewed within its length. */
const RENEWALS_PER_LEASE = 4;
/** How many times within its length it is looked whether a lease has ended. */
const LOOKS_PER_LEASE = 20;

/**
 * Keeps the leases of this process's runs: BullMQ's lock and the record's lease, renewed together from one timer.
 * A run that is younger than a renewal interval costs nothing. A lease that ended on this process's own clock
 * fences its run off, whether Redis is reachable or not.
 */
export class Leases {
  readonly leaseMs: number;
  readonly #clock: Clock;
  readonly #store: RecordStore;
  readonly #logger: Logger;
  readonly #runs = new Map<Run, { readonly worker: QueueWorkerPort; renewAt: number }>();
  #timer: { cancel(): void } | undefined;

  constructor(options: {
    readonly leaseMs: number;
    readonly clock: Clock;
    readonly store: RecordStore;
    readonly logger: Logger;
  }) {
    this.leaseMs = options.leaseMs;
    this.#clock = options.clock;
    this.#store = options.store;
    this.#logger = options.logger;
  }

  get runs(): Iterable<Run> {
    return this.#runs.keys();
  }

  get size(): number {
    return this.#runs.size;
  }

  add(run: Run, worker: QueueWorkerPort): void {
    if (run.fetched.starts > 1) this.#endPredecessor(run);
    const renewAt = this.#clock.monotonicMs() + this.leaseMs / RENEWALS_PER_LEASE;
    this.#runs.set(run, { worker, renewAt });
    if (!this.#timer) this.#schedule();
  }

  remove(run: Run): void {
    this.#runs.delete(run);
  }

  /** Renews these runs' leases now. Runs that lost theirs are fenced off, cancelled ones are told to stop. */
  async renew(runs: readonly Run[]): Promise<void> {
    const sentAt = this.#clock.monotonicMs();
    const byWorker = new Map<QueueWorkerPort, Run[]>();
    for (const run of runs) {
      const entry = this.#runs.get(run);
      if (!entry) continue;
      const group = byWorker.get(entry.worker);
      if (group) group.push(run);
      else byWorker.set(entry.worker, [run]);
    }
    await Promise.all([
      ...[...byWorker].map(([worker, group]) => this.#renewLocks(worker, group, sentAt)),
      ...runs.map((run) => this.#renewRecord(run)),
    ]);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#runs.clear();
  }

  /**
   * A run of the same delivery that is still here has lost its lock, whether it knows or not. BullMQ names the locks
   * that it could not renew by their jobs: renewed beside its successor, it would take the successor with it.
   */
  #endPredecessor(run: Run): void {
    const { id, queue } = run.fetched;
    for (const other of this.#runs.keys()) {
      if (other.fetched.id !== id || other.fetched.queue !== queue) continue;
      other.fenceOff('lease-lost', other.lost());
      this.#runs.delete(other);
    }
  }

  async #renewLocks(worker: QueueWorkerPort, runs: readonly Run[], sentAt: number): Promise<void> {
    const lost = new Set(
      await worker.extendLocks(runs.map((run) => ({ id: run.fetched.id, lock: run.lock }))),
    );
    for (const run of runs) {
      if (lost.has(run.fetched.id)) {
        run.fenceOff('lease-lost', run.lost());
        continue;
      }
      run.renewed(sentAt, this.leaseMs);
      const entry = this.#runs.get(run);
      if (entry) entry.renewAt = sentAt + this.leaseMs / RENEWALS_PER_LEASE;
    }
  }

  async #renewRecord(run: Run): Promise<void> {
    const reply = await this.#store.renew(run.ref, this.leaseMs);
    if (reply.tag === 'lost') run.fenceOff('lease-lost', run.lost());
    else if (reply.tag === 'cancelled') {
      run.tracked = true;
      run.abort('cancelled', new JobCancelledError(run.fetched.name, run.ref.id, reply.reason));
    }
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimer(this.leaseMs / LOOKS_PER_LEASE, () => {
      this.#timer = undefined;
      this.#look();
      if (this.#runs.size > 0) this.#schedule();
    });
  }

  #look(): void {
    const now = this.#clock.monotonicMs();
    const due: Run[] = [];
    for (const [run, entry] of this.#runs) {
      if (run.isLeaseOver) run.fenceOff('lease-lost', run.lost());
      else if (entry.renewAt <= now) due.push(run);
    }
    if (due.length === 0) return;
    // A renewal that fails is tried again at the next look; the lease's own clock decides how long that may go on.
    for (const run of due) {
      const entry = this.#runs.get(run);
      if (entry) entry.renewAt = now + this.leaseMs / LOOKS_PER_LEASE;
    }
    this.renew(due).catch((error: unknown) => {
      this.#logger.warn({ err: error, runs: due.length }, 'leases could not be renewed');
    });
  }
}
