import type { Job, JobJson, JobsOptions } from 'bullmq';
import { bullIdToCallId } from '../../job/internal.js';
import { type Delivery, type DeliveryData, packDelivery, unpackDelivery } from '../delivery.js';
import { deliveryId } from '../identity.js';
import type { DeliveryView } from '../queue-port.js';

/** The back-off type that tells BullMQ to ask our strategy. */
export const BACKOFF_TYPE = 'bulletproof';

/**
 * How long BullMQ remembers that a recorded delivery was added, also after its job is gone. It bounds how long a
 * producer may stand still between its transition and its add; until then a late add changes nothing.
 */
export const ADD_ONCE_MS = 24 * 60 * 60 * 1000;

const BACKOFF = { type: BACKOFF_TYPE };

/** A job as BullMQ's backend adds it. */
export interface BullJob {
  readonly jobId: string;
  readonly job: JobJson;
}

/**
 * A delivery as BullMQ's backend adds it. BullMQ's own `add` would make a job object of it first, with five JSON texts
 * that nobody reads, and keep the id once more among its options.
 */
export function toBullJob(delivery: Delivery): BullJob {
  const jobId = deliveryId(delivery);
  const opts: JobsOptions = {};
  if (delivery.attempts > 1) {
    opts.attempts = delivery.attempts;
    opts.backoff = BACKOFF;
  }
  if (delivery.dueAtMs !== undefined) opts.delay = Math.max(0, delivery.dueAtMs - Date.now());
  const job: Pick<JobJson, 'id' | 'name' | 'data' | 'opts' | 'timestamp' | 'deduplicationId'> = {
    id: jobId,
    name: delivery.name,
    data: JSON.stringify(packDelivery(delivery, jobId)),
    opts,
    timestamp: delivery.enqueuedAtMs,
  };
  // BullMQ refuses that in flows; whatever of a flow is delivered asks its record.
  if (delivery.address && !delivery.flow) {
    // The token tells this admission from an earlier one of the same id, which has long expired.
    const id = `${jobId}~${delivery.token ?? ''}`;
    opts.deduplication = { id, ttl: ADD_ONCE_MS };
    job.deduplicationId = id;
  }
  // The rest is of jobs that have begun.
  return { jobId, job: job as JobJson };
}

/** The attempts of a BullMQ job; it says 0 for one that was added without a number. */
export function attemptsOf(job: Job): number {
  return job.opts.attempts || 1;
}

/** The delivery that a BullMQ job carries. */
export function toDelivery(job: Job, queue: string): Delivery {
  return unpackDelivery(job.data as DeliveryData, {
    callId: bullIdToCallId(job.id ?? ''),
    name: job.name,
    queue,
    attempts: attemptsOf(job),
    enqueuedAtMs: job.timestamp,
  });
}

const STATES = {
  completed: 'completed',
  failed: 'failed',
  delayed: 'delayed',
  active: 'running',
  waiting: 'waiting',
  prioritized: 'waiting',
  'waiting-children': 'waiting',
} as const satisfies Record<string, DeliveryView['state']>;

/** What BullMQ knows of a job, in our words; undefined for a job that is between two states or gone. */
export function toView(job: Job, state: string, queue: string): DeliveryView | undefined {
  const known = STATES[state as keyof typeof STATES] as DeliveryView['state'] | undefined;
  if (known === undefined) return undefined;
  const delivery = toDelivery(job, queue);
  const { made = 0 } = delivery;
  return {
    state: known,
    attemptsMade: job.attemptsMade + made,
    maxAttempts: attemptsOf(job) + made,
    progress: job.progress,
    result: job.returnvalue ?? undefined,
    failedReason: job.failedReason,
    enqueuedAtMs: job.timestamp,
    startedAtMs: job.processedOn ?? undefined,
    finishedAtMs: job.finishedOn ?? undefined,
    delivery,
  };
}
