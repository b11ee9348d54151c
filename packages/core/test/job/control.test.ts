import { describe, expect, it } from '@jest/globals';
import { Discard, isDiscard, isSnooze, retryAfterOf, Snooze } from '../../src/job/index.js';

describe('Snooze', () => {
  it('carries its delay in milliseconds and its reason', () => {
    expect(new Snooze('5m', 'waiting for the bank')).toMatchObject({
      code: 'SNOOZE',
      delayMs: 300_000,
      reason: 'waiting for the bank',
      message: 'Run again in 300000 ms: waiting for the bank',
    });
    expect(new Snooze(0).message).toBe('Run again in 0 ms');
  });

  it('refuses what is no duration', () => {
    expect(() => new Snooze('soon' as never)).toThrow(
      "Snooze: expected a duration (milliseconds, or text such as '250ms', '30s', '5m', '1h', '7d'), got \"soon\"",
    );
  });

  it('is told from everything else that is thrown', () => {
    expect([new Snooze(1), new Discard('x'), new Error('x'), undefined].map(isSnooze)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('Discard', () => {
  it('carries its reason, and is told from everything else', () => {
    expect(new Discard('no such order')).toMatchObject({
      code: 'DISCARD',
      reason: 'no such order',
      message: 'Discarded: no such order',
    });
    expect([new Discard('x'), new Snooze(1), 'DISCARD'].map(isDiscard)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('retryAfterOf', () => {
  it.each([0, 1.5, 60_000])('reads %p', (retryAfterMs) => {
    expect(retryAfterOf({ retryAfterMs })).toBe(retryAfterMs);
    expect(retryAfterOf(Object.assign(new Error('open'), { retryAfterMs }))).toBe(retryAfterMs);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined])(
    'ignores %p',
    (retryAfterMs) => {
      expect(retryAfterOf({ retryAfterMs })).toBeUndefined();
    },
  );

  it('survives whatever is thrown', () => {
    const hostile = {
      get retryAfterMs(): number {
        throw new Error('no');
      },
    };
    for (const thrown of [hostile, undefined, null, 'text', 7, Symbol('s')]) {
      expect(retryAfterOf(thrown)).toBeUndefined();
    }
  });
});
