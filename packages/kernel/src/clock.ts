import { performance } from 'node:perf_hooks';

/** A timer that has been set on a {@link Clock}. */
export interface ClockTimer {
  /** Stops the timer; harmless when it has fired or was cancelled before. */
  cancel(): void;
}

/** The only source of time: everything that waits or looks at the time takes one, so that tests can move it. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch; may jump. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never goes back, so use it to measure spans. */
  monotonicMs(): number;
  /** Calls `fn` once after `ms` milliseconds; any length works (Node's own timers overflow after 24.8 days). */
  setTimer(ms: number, fn: () => void): ClockTimer;
  /**
   * Resolves after `ms` milliseconds.
   * @throws the signal's reason when `signal` is or gets aborted
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The real clock of this process. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: setSystemTimer,
  sleep: (ms, signal) => sleepOn(setSystemTimer, ms, signal),
};

function setSystemTimer(ms: number, fn: () => void): ClockTimer {
  const endMs = performance.now() + ms;
  let timeout: NodeJS.Timeout;
  const arm = (restMs: number): void => {
    timeout =
      restMs <= LONGEST_TIMEOUT_MS
        ? setTimeout(fn, restMs)
        : setTimeout(() => arm(endMs - performance.now()), LONGEST_TIMEOUT_MS);
  };
  arm(ms);
  return { cancel: () => clearTimeout(timeout) };
}

/** Builds `sleep` from a `setTimer`, for implementations of {@link Clock}. */
export function sleepOn(
  setTimer: Clock['setTimer'],
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = setTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
