import type { Clock } from '@bulletproof/kernel';
import { systemClock } from '@bulletproof/kernel';

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The real clock, with timers that do not keep the process alive: a breaker must not hold up its end. */
export const backgroundClock: Clock = {
  ...systemClock,
  setTimer(ms, fn) {
    const endMs = systemClock.monotonicMs() + ms;
    let timeout: NodeJS.Timeout;
    const arm = (restMs: number): void => {
      const again = (): void => arm(endMs - systemClock.monotonicMs());
      timeout =
        restMs <= LONGEST_TIMEOUT_MS
          ? setTimeout(fn, restMs)
          : setTimeout(again, LONGEST_TIMEOUT_MS);
      timeout.unref();
    };
    arm(ms);
    return { cancel: () => clearTimeout(timeout) };
  },
};
