/** What every event of a call carries. */
export interface JobEvent {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  /** The idempotency key, when the call has one. */
  readonly key?: string;
}

/** An event of a run: which attempt it was. */
export interface JobRunEvent extends JobEvent {
  readonly attempt: number;
}

/** A call was put into its queue. */
export interface JobEnqueuedEvent extends JobEvent {
  /** Milliseconds until it may start; absent when it may start at once. */
  readonly delayMs?: number;
}

/** A run returned and its result was recorded. */
export interface JobCompletedEvent extends JobRunEvent {
  readonly result: unknown;
  readonly durationMs: number;
}

/** An attempt failed; another one follows. */
export interface JobFailedEvent extends JobRunEvent {
  readonly error: unknown;
  readonly durationMs: number;
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;
}

/** A call is over without success. */
export interface JobDeadEvent extends JobRunEvent {
  readonly error: unknown;
}

/** A call was put off without consuming an attempt. */
export interface JobSnoozedEvent extends JobRunEvent {
  readonly delayMs: number;
  readonly reason?: string;
}

/** A call was cancelled; `attempt` is 0 when it never started. */
export interface JobCancelledEvent extends JobRunEvent {
  readonly reason?: string;
}

/** Events of jobs by name; local to the process and at most once. */
export interface JobEvents {
  /** A call was put into its queue. */
  'job.enqueued': JobEnqueuedEvent;
  /** An enqueue found an equal call and ran nothing. */
  'job.deduplicated': JobEvent;
  /** A run of the handler began. */
  'job.started': JobRunEvent;
  /** A run returned and its result was recorded. */
  'job.completed': JobCompletedEvent;
  /** An attempt failed; another one follows. */
  'job.failed': JobFailedEvent;
  /** A call is over without success: its attempts are used up, or it was refused for good. */
  'job.dead': JobDeadEvent;
  /** A call was put off without consuming an attempt. */
  'job.snoozed': JobSnoozedEvent;
  /** A call was cancelled. */
  'job.cancelled': JobCancelledEvent;
  /** The worker that ran a call went away; the call goes on elsewhere. */
  'job.stalled': JobEvent;
}
