import { systemClock } from '@bulletproof/kernel';

/** Waits for the promise, and no longer than `ms`; rejects only if it does so in that time. */
export async function atMost(promise: Promise<unknown>, ms: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = systemClock.setTimer(ms, resolve);
    promise.finally(() => timer.cancel()).then(() => resolve(), reject);
  });
}
