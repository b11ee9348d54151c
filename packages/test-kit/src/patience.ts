/** Default time that anything in this kit waits before it gives up, in milliseconds. */
export const PATIENCE_MS = 10_000;

/** Options of everything that waits. */
export interface Patience {
  /** Milliseconds until it gives up. Default 10,000. */
  deadlineMs?: number;
  /** What is waited for, in words, for the message when it does not come. */
  what?: string;
}
