import { type Job, LockManager, Worker } from 'bullmq';
import { LeanJob } from './lean-job.js';

/** A crash is counted by us (`maxCrashes`): BullMQ must never fail a job behind our back. */
export const NEVER = 1_000_000_000;

/**
 * Renewal is ours (runtime/leases.ts). BullMQ's own tracks jobs by id alone, so that a run which outlived its lock
 * stops the renewal of the run that took over, and so on: one lost lock becomes a chain of them.
 */
class NoLockManager extends LockManager {
  override start(): void {}
  override trackJob(): undefined {
    return undefined;
  }
  override untrackJob(): void {}
}

/** A worker whose locks are renewed by us. */
export class LeasedWorker extends Worker {
  protected override get Job(): typeof Job {
    return LeanJob;
  }

  override createLockManager(): void {
    this.lockManager = new NoLockManager(
      this as unknown as ConstructorParameters<typeof LockManager>[0],
      {
        lockRenewTime: 0,
        lockDuration: this.opts.lockDuration ?? NEVER,
        workerId: this.id,
      },
    );
  }
}
