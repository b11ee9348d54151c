import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Duration, InvalidOptionError, MAX_DURATION_MS, toMs } from '../src/index.js';

describe('toMs', () => {
  it.each([
    [0, 0],
    [250, 250],
    [1.5, 2],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['0s', 0],
    ['0.0005s', 1],
    ['36525d', MAX_DURATION_MS],
  ] as Array<[Duration, number]>)('reads %p as %d ms', (duration, ms) => {
    expect(toMs(duration, 'x')).toBe(ms);
  });

  it.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    MAX_DURATION_MS + 1,
    '',
    '5',
    's',
    '-5s',
    '5 s',
    '5S',
    '5m ',
    '1e3s',
    '0x1s',
    '.5s',
    '5.s',
    '36526d',
    '5w',
    5n,
    null,
    undefined,
    {},
    ['5s'],
    `${'9'.repeat(40)}ms`,
  ])('refuses %p', (wrong) => {
    expect(() => toMs(wrong as Duration, 'charge.timeout')).toThrow(InvalidOptionError);
    expect(() => toMs(wrong as Duration, 'charge.timeout')).toThrow(
      /^charge\.timeout: expected a duration/,
    );
  });

  it('agrees with itself across units', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (count) => {
        expect(toMs(`${count}d`, 'x')).toBe(toMs(`${count * 24}h`, 'x'));
        expect(toMs(`${count}h`, 'x')).toBe(toMs(`${count * 60}m`, 'x'));
        expect(toMs(`${count}m`, 'x')).toBe(toMs(`${count * 60}s`, 'x'));
        expect(toMs(`${count}s`, 'x')).toBe(toMs(`${count * 1_000}ms`, 'x'));
        expect(toMs(count, 'x')).toBe(toMs(`${count}ms`, 'x'));
      }),
    );
  });
});
