import { Balancer, type Lane, type LanePort, type LaneView } from '../urgency/index.js';

/** A queue's worker that shares slots with others. */
export interface SharingWorker extends LanePort {
  onChange(changed: () => void): void;
}

/** A queue of a worker and its slots. */
export interface LaneStatus extends LaneView {
  /** How long the longest waiting call of the queue has waited, ms; absent when none waits. */
  readonly oldestWaitingMs?: number;
}

/** What a worker does with its slots. */
export interface WorkerStatus {
  /** Slots of all queues together. */
  readonly slots: number;
  /** Runs at work. */
  readonly busy: number;
  /** Its queues, most urgent first. */
  readonly queues: readonly LaneStatus[];
}

/** Shares slots among the workers of these queues from now on; with none to share, each has its own. */
export function balance(
  lanes: readonly Lane[],
  workers: readonly SharingWorker[],
  spare: number,
): Balancer {
  const both = lanes.flatMap((lane, at) => {
    const port = workers[at];
    return port ? [{ ...lane, port }] : [];
  });
  const balancer = new Balancer(both, spare);
  if (spare > 0) for (const worker of workers) worker.onChange(() => balancer.changed());
  return balancer;
}

/** A worker's slots now, and how long calls wait. */
export async function statusOfWorker(
  balancer: Balancer,
  oldestWaiting: (queue: string) => Promise<number | undefined>,
): Promise<WorkerStatus> {
  const views = balancer.view();
  const ages = await Promise.all(views.map(({ queue }) => oldestWaiting(queue)));
  const queues = views.map((view, at): LaneStatus => {
    const oldestWaitingMs = ages[at];
    return oldestWaitingMs === undefined ? view : { ...view, oldestWaitingMs };
  });
  const busy = views.reduce((sum, view) => sum + view.busy, 0);
  return { slots: balancer.slots, busy, queues };
}
