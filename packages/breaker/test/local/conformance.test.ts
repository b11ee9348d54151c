// As a local breaker it is opossum: both classes live through the same, and everything that can be seen of them is the same.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
// @ts-expect-error: opossum ships no types
import opossum from 'opossum';
import { CircuitBreaker } from '../../src/index.js';
import { SCENARIOS } from './scenarios.js';
import { type AnyBreaker, type Make, Trace } from './trace.js';

const makers: Record<'plain' | 'ours', Make> = {
  plain: (action, options = {}) => new opossum(action, { ...options }),
  ours: (action, options = {}) =>
    new CircuitBreaker(action as () => never, options) as unknown as AnyBreaker,
};

beforeEach(() => {
  jest.useFakeTimers({ now: 1_800_000_000_000 });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a local breaker does as opossum does', () => {
  it.each(SCENARIOS)('$title', async ({ play }) => {
    const [plain, ours] = [new Trace(), new Trace()];
    await play(makers.plain, plain);
    jest.useFakeTimers({ now: 1_800_000_000_000 });
    await play(makers.ours, ours);
    expect(plain.lines.length).toBeGreaterThan(0);
    expect(ours.lines).toEqual(plain.lines);
  });

  it('is an opossum, and does not change the options it is given', () => {
    const options = Object.freeze({ timeout: '2s', cache: true } as const);
    const [a, b] = [
      new CircuitBreaker(async () => 1, options),
      new CircuitBreaker(async () => 2, options),
    ];
    expect(a).toBeInstanceOf(opossum);
    expect(a.options.timeout).toBe(2_000);
    expect(a.options.cacheTransport).not.toBe(b.options.cacheTransport);
    expect(CircuitBreaker.isOurError(undefined)).toBe(false);
    a.shutdown();
    b.shutdown();
  });
});
