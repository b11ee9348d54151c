import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelay, type ResolvedBackoff } from '../../src/job/backoff.js';

const exponential: ResolvedBackoff = {
  type: 'exponential',
  delayMs: 1000,
  maxMs: 3_600_000,
  jitter: 0,
};

const backoffs = fc
  .record({
    type: fc.constantFrom('fixed' as const, 'exponential' as const),
    delayMs: fc.nat(10_000_000),
    beyondMs: fc.nat(10_000_000),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ beyondMs, ...backoff }) => ({ ...backoff, maxMs: backoff.delayMs + beyondMs }));
const attempts = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoffDelay', () => {
  it('doubles with each attempt, up to the cap', () => {
    const delays = [1, 2, 3, 12, 13, 100_000].map((n) => backoffDelay(exponential, n, 0));
    expect(delays).toEqual([1000, 2000, 4000, 2_048_000, 3_600_000, 3_600_000]);
  });

  it('stays zero, however many attempts', () => {
    expect(backoffDelay({ ...exponential, delayMs: 0 }, 5000, 0)).toBe(0);
  });

  it('stays the same when fixed', () => {
    const fixed: ResolvedBackoff = { ...exponential, type: 'fixed' };
    expect([1, 2, 50].map((n) => backoffDelay(fixed, n, 0))).toEqual([1000, 1000, 1000]);
  });

  it('shortens by the jitter, also at the cap', () => {
    const jittered = { ...exponential, jitter: 0.5 };
    expect([0, 0.5, 0.9].map((r) => backoffDelay(jittered, 1, r))).toEqual([1000, 750, 550]);
    expect([0, 0.5].map((r) => backoffDelay(jittered, 99, r))).toEqual([3_600_000, 2_700_000]);
  });

  it('is a whole number between the shortened and the full delay, and never above the cap', () => {
    fc.assert(
      fc.property(backoffs, attempts, random, (backoff, attempt, r) => {
        const delay = backoffDelay(backoff, attempt, r);
        const full = backoffDelay({ ...backoff, jitter: 0 }, attempt, r);
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeLessThanOrEqual(Math.min(full, backoff.maxMs));
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * (1 - backoff.jitter)));
      }),
    );
  });

  it('never gets shorter with more attempts', () => {
    fc.assert(
      fc.property(backoffs, fc.integer({ min: 1, max: 3000 }), random, (backoff, attempt, r) => {
        expect(backoffDelay(backoff, attempt + 1, r)).toBeGreaterThanOrEqual(
          backoffDelay(backoff, attempt, r),
        );
      }),
    );
  });
});
