import type { Job, JobJson } from 'bullmq';
import { LeasedWorker } from './leased-worker.js';

/** A worker that tells how many of its slots are in use, and whose number of slots can change while it runs. */
export class LaneWorker extends LeasedWorker {
  /** Runs that have a slot: fetched, and not yet settled in the queue. */
  busy = 0;
  #isFetching = false;
  /** The wait for work that has brought its answer; BullMQ forgets it a little later. */
  #over: unknown;
  /** The last fetch found nothing. */
  isDrained = false;
  /** Called whenever one of these has changed. */
  onChange: (() => void) | undefined;

  /** Lock tokens of runs that were not asked to bring another one. */
  readonly #silent = new Set<string>();

  /** A fetch is under way, or waits for work to come. */
  get isLooking(): boolean {
    const wait: unknown = Reflect.get(this, 'waiting');
    return this.#isFetching || (Boolean(wait) && wait !== this.#over);
  }

  /** Sets the number of slots. BullMQ's loop sleeps until a run ends: a greater number is told to it at once. */
  setLimit(slots: number): void {
    const isMore = slots > this.concurrency;
    this.concurrency = slots;
    if (!isMore || this.isLooking) return;
    const loop = Reflect.get(this, 'mainLoopQueue') as {
      add(job: Promise<undefined>): void;
    } | null;
    loop?.add(Promise.resolve(undefined));
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    this.#isFetching = true;
    try {
      const job = (await super.moveToActive(token, name)) as Job | undefined;
      if (job) this.busy += 1;
      return job as Job;
    } finally {
      this.#isFetching = false;
      this.#over = Reflect.get(this, 'waiting');
      this.onChange?.();
    }
  }

  protected override async nextJobFromJobData(
    data?: JobJson,
    id?: string,
    token?: string,
  ): Promise<Job> {
    // A run that ended and was not to bring another one: BullMQ would take that for an empty queue, and wait.
    if (!data && token !== undefined && this.#silent.delete(token)) {
      return undefined as unknown as Job;
    }
    this.isDrained = !data;
    return super.nextJobFromJobData(data, id, token);
  }

  /** A run that brings the next one with its end hands its slot on. */
  override async processJob(
    job: Job,
    token: string,
    fetchNext?: () => boolean,
  ): Promise<void | Job> {
    let goesOn = false;
    const mayBring = (): boolean => {
      const brings = fetchNext?.() ?? true;
      if (!brings) this.#silent.add(token);
      return brings;
    };
    try {
      const next = await super.processJob(job, token, mayBring);
      goesOn = next !== undefined;
      return next;
    } finally {
      this.#silent.delete(token);
      if (!goesOn) {
        this.busy -= 1;
        this.onChange?.();
      }
    }
  }
}
