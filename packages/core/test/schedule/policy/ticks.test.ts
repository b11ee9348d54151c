import { describe, expect, it } from '@jest/globals';
import { lastTick, ticksOf } from '../../../src/schedule/policy/ticks.js';
import { referenceTicks, referenceYear } from './reference.js';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Africa/Cairo', // put forward at midnight
  'America/Santiago', // put forward at midnight, on the southern half
  'Asia/Beirut', // put forward at midnight
  'Australia/Lord_Howe', // by half an hour
];
const EXPRESSIONS = [
  '* * * * *',
  '*/5 * * * *',
  '7,37 * * * *',
  '0 * * * *',
  '59 * 1 * *',
  '0 0 * * *',
  '30 0 * * *',
  '15 1 * * *',
  '0 2 * * *',
  '30 2 * * *',
  '*/20 1-3 * * *',
  '0 */2 * * *',
  '0 1-23/2 * * *',
  '45 23 * * *',
  '0 9-17 * * 1-5',
  '0 0 * * 0',
  '0 0 1 * *',
  '30 1 1,15 * 5',
  '0 12 29 2 *',
  '5 0 24-30 4,9,10 5',
];

const cron = (text: string, timezone = 'UTC') =>
  ticksOf({ kind: 'cron', cron: text, timezone }, 's');

function first(text: string, timezone: string, from: string, count: number): string[] {
  const ticks = cron(text, timezone);
  const found: string[] = [];
  for (let ms = Date.parse(from) - 1; found.length < count; ) {
    ms = ticks.after(ms);
    found.push(new Date(ms).toISOString().slice(0, 16));
  }
  return found;
}

describe.each(ZONES)('a year of ticks in %s', (timezone) => {
  const year = referenceYear(2028, timezone);
  it.each(EXPRESSIONS)('%s is as the reference says', (text) => {
    const expected = referenceTicks(text, year);
    const ticks = cron(text, timezone);
    let ms = year.startMs - 1;
    // Not one `toEqual`: for half a million elements that takes seconds.
    const wrong = expected.find((tick) => {
      ms = ticks.after(ms);
      return ms !== tick;
    });
    expect({ expected: wrong, found: wrong === undefined ? undefined : ms }).toEqual({});
    expect(ticks.after(ms)).toBeGreaterThanOrEqual(year.startMs + year.walls.length * 60_000);
  });
});

describe('where the clocks are put forward', () => {
  it('fixed times that they leave out happen at the moment of the change', () => {
    expect(first('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', 3)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ]);
  });
  it.each([
    ['Africa/Cairo', '2026-04-23T12:00Z', '2026-04-23T22:00'],
    ['America/Santiago', '2026-09-05T12:00Z', '2026-09-06T04:00'],
    ['Asia/Beirut', '2026-03-28T12:00Z', '2026-03-28T22:00'],
  ])('a midnight that %s leaves out is no lost day', (zone, from, expected) => {
    expect(first('0 0 * * *', zone, from, 1)).toEqual([expected]);
    expect(first('30 0 * * *', zone, from, 1)).toEqual([expected]);
  });
  it('several that they leave out happen once', () => {
    expect(first('*/20 2 * * *', 'Europe/Berlin', '2026-03-29T00:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });
  it('one that falls on the moment of the change happens once', () => {
    expect(first('0 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });
  it('hourly ones go by the clock', () => {
    expect(first('30 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z', 3)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ]);
  });
});

describe('where the clocks are put back', () => {
  it('fixed times that come twice happen once', () => {
    expect(first('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });
  it('hourly ones happen in both hours', () => {
    expect(first('30 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-25T02:30',
    ]);
  });
});

describe('cron', () => {
  it.each([
    ['@daily', '2026-01-02T00:00'],
    ['@weekdays', '2026-01-02T00:00'],
    ['0 0 L * *', '2026-01-31T00:00'],
    ['0 0 * * 1#2', '2026-01-12T00:00'],
    ['0 0 29 2 *', '2028-02-29T00:00'],
    ['0 0 1 JAN *', '2027-01-01T00:00'],
    ['0 0 * * SUN', '2026-01-04T00:00'],
  ])('%s is read', (text, expected) => {
    expect(first(text, 'UTC', '2026-01-01T00:00:01Z', 1)).toEqual([expected]);
  });
  it('has seconds with six fields', () => {
    const ticks = cron('*/20 1 * * * *');
    expect(ticks.after(Date.UTC(2026, 0))).toBe(Date.UTC(2026, 0, 1, 0, 1));
    expect(ticks.after(Date.UTC(2026, 0, 1, 0, 1))).toBe(Date.UTC(2026, 0, 1, 0, 1, 20));
    expect(ticks.after(Date.UTC(2026, 0, 1, 0, 1, 40))).toBe(Date.UTC(2026, 0, 1, 1, 1));
  });
  it('spreads H by the name, in every process alike', () => {
    const at = (seed: string) =>
      ticksOf({ kind: 'cron', cron: 'H H * * *', timezone: 'UTC' }, seed).after(0);
    expect(at('a')).toBe(at('a'));
    expect(new Set(['a', 'b', 'c', 'd', 'e'].map(at)).size).toBeGreaterThan(2);
  });
});

describe('a fixed rate', () => {
  it('has its ticks at multiples since the epoch', () => {
    const ticks = ticksOf({ kind: 'every', everyMs: 300_000 }, 's');
    expect(ticks.after(Date.UTC(2026, 0, 1, 0, 2))).toBe(Date.UTC(2026, 0, 1, 0, 5));
    expect(ticks.after(Date.UTC(2026, 0, 1, 0, 5))).toBe(Date.UTC(2026, 0, 1, 0, 10));
  });
});

describe('the last tick by some time', () => {
  it.each(['* * * * *', '30 2 * * *', '0 0 29 2 *', '*/10 * * * * *'])('of %s', (text) => {
    const ticks = cron(text, 'Europe/Berlin');
    const begin = ticks.after(Date.UTC(2026, 0));
    for (const ms of [begin, begin + 1, Date.UTC(2029, 9, 28, 1, 15)]) {
      const last = lastTick(ticks, begin, ms);
      expect(last).toBeLessThanOrEqual(ms);
      expect(ticks.after(last)).toBeGreaterThan(ms);
    }
  });
});
