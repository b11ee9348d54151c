import { PATIENCE_MS, type Patience } from './patience.js';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/**
 * Asks again, at growing intervals, until `fn` gives something truthy, and returns that.
 * For state outside this process only, where no event tells of a change; a throwing `fn` counts as "not yet".
 * @throws Error after the deadline, with the last error of `fn` as its cause.
 */
export async function until<T>(
  fn: () => T | Promise<T>,
  { deadlineMs = PATIENCE_MS, what = 'the condition' }: Patience = {},
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    let cause: unknown;
    try {
      const value = await fn();
      if (value) return value;
    } catch (error) {
      cause = error;
    }
    if (performance.now() + pauseMs >= end) {
      const problem = `Waited ${deadlineMs} ms for ${what} in vain.`;
      throw cause === undefined ? new Error(problem) : new Error(problem, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
