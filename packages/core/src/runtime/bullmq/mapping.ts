import type { Job, JobsOptions } from 'bullmq';
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

/** A delivery as the arguments of BullMQ's `add`. */
export function toBullJob(delivery: Delivery): {
  name: string;
  data: DeliveryData;
  opts: JobsOptions;
} {
  const jobId = deliveryId(delivery);
  const delay = delivery.dueAtMs === undefined ? 0 : Math.max(0, delivery.dueAtMs - Date.now());
  return {
    name: delivery.name,
    data: packDelivery(delivery, jobId),
    opts: {
      jobId,
      timestamp: delivery.enqueuedAtMs,
      ...(delivery.attempts > 1
        ? { attempts: delivery.attempts, backoff: { type: BACKOFF_TYPE } }
        : {}),
      ...(delay > 0 ? { delay } : {}),
      // The token tells this admission from an earlier one of the same id, which has long expired.
      ...(delivery.address
        ? { deduplication: { id: `${jobId}~${delivery.token ?? ''}`, ttl: ADD_ONCE_MS } }
        : {}),
    },
  };
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
  return {
    state: known,
    attemptsMade: job.attemptsMade,
    maxAttempts: attemptsOf(job),
    progress: job.progress,
    result: job.returnvalue ?? undefined,
    failedReason: job.failedReason,
    enqueuedAtMs: job.timestamp,
    startedAtMs: job.processedOn ?? undefined,
    finishedAtMs: job.finishedOn ?? undefined,
    delivery: toDelivery(job, queue),
  };
}
