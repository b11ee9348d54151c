/** What a run tries to do after its process has stood still for longer than its lease. */
export const LATE_WRITES = ['effect', 'step', 'renew', 'progress', 'complete', 'fail'] as const;

/** One of them. `effect` comes to its step late, `step` made the effect in time and records it late. */
export type LateWrite = (typeof LATE_WRITES)[number];

/** Input of the job that is frozen and taken over. */
export interface Act {
  readonly key: string;
  readonly late: LateWrite;
}

/** The job's options, the same for the frozen worker, the one that takes over, and the producer. */
export const actOptions = { name: 'act', idempotencyKey: ({ key }: Act) => key };

/** The result of whom takes over. */
export const TAKEN_OVER = 'taken over';
/** The result of whom was frozen. */
export const LATE = 'late';

/** How the late write of a call ended. */
export interface LateReport {
  readonly key: string;
  readonly late: LateWrite;
  /** `taken`, or the code of the error that refused it; absent for those that only return or throw. */
  readonly answer?: string;
  /** How the signal of the run stood then. */
  readonly aborted?: boolean;
  /** The event with which the frozen worker gave the call up, or ended it. */
  readonly end: string;
}
