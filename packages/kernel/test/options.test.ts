import { describe, expect, it } from '@jest/globals';
import { checkOptions, checkTogether, InvalidOptionError, nearestOf, rule } from '../src/index.js';

const rules = {
  attempts: rule.defaulted(rule.integer({ min: 1, max: 100 }), 5),
  timeout: rule.optional(rule.duration({ min: 1, max: 60_000 })),
  kind: rule.optional(rule.oneOf(['fixed', 'exponential'])),
  name: rule.text({ maxLength: 10 }),
  backoff: rule.optional(rule.nested({ jitter: rule.number({ min: 0, max: 1 }) })),
  queues: rule.optional(rule.listOf(rule.text({ maxLength: 5 }))),
  strict: rule.defaulted(rule.flag, true),
  when: rule.optional(rule.callable<(input: string) => boolean>()),
};

function refusal(value: unknown): string {
  try {
    checkOptions('App', value, rules);
  } catch (error) {
    if (error instanceof InvalidOptionError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('checkOptions', () => {
  it('reads every option, with defaults and converted units, into a frozen object', () => {
    const checked = checkOptions(
      'App',
      { name: 'a', timeout: '5s', backoff: { jitter: 0.5 } },
      rules,
    );
    const timeout: number | undefined = checked.timeout;
    const kind: 'fixed' | 'exponential' | undefined = checked.kind;
    expect([timeout, kind]).toEqual([5_000, undefined]);
    expect(checked).toEqual({
      attempts: 5,
      timeout: 5_000,
      kind: undefined,
      name: 'a',
      backoff: { jitter: 0.5 },
      queues: undefined,
      strict: true,
      when: undefined,
    });
    expect(Object.isFrozen(checked)).toBe(true);
  });

  it('refuses an unknown option and suggests the nearest', () => {
    expect(refusal({ name: 'a', atempts: 3 })).toBe(
      'App.atempts: expected a known option (did you mean "attempts"?), got the unknown option "atempts"',
    );
    expect(refusal({ name: 'a', zzz: 3 })).toContain('one of the known options (attempts, timeout');
    expect(refusal(JSON.parse('{"name":"a","__proto__":{}}'))).toContain('__proto__');
    expect(refusal({ name: 'a', toString: 1 })).toContain('App.toString');
    expect(refusal({ name: 'a', backoff: { jiter: 1 } })).toContain('App.backoff.jiter');
  });

  it.each([
    [undefined, 'App: expected an object of options, got undefined'],
    [[], 'App: expected an object of options, got an array of 0'],
    [{}, 'App.name: expected text of 1 to 10 characters, got undefined'],
    [{ name: '' }, 'App.name: expected text of 1 to 10 characters, got ""'],
    [{ name: 'a', attempts: 0 }, 'App.attempts: expected a whole number from 1 to 100, got 0'],
    [{ name: 'a', attempts: 1.5 }, 'App.attempts: expected a whole number from 1 to 100, got 1.5'],
    [
      { name: 'a', attempts: null },
      'App.attempts: expected a whole number from 1 to 100, got null',
    ],
    [{ name: 'a', timeout: 0 }, 'App.timeout: expected a duration from 1 ms to 60000 ms, got 0'],
    [{ name: 'a', kind: 'x' }, `App.kind: expected 'fixed' or 'exponential', got "x"`],
    [{ name: 'a', backoff: 5 }, 'App.backoff: expected an object of options, got 5'],
    [
      { name: 'a', backoff: { jitter: Number.NaN } },
      'App.backoff.jitter: expected a number from 0 to 1, got NaN',
    ],
    [{ name: 'a', queues: ['ok', 5] }, 'App.queues[1]: expected text of 1 to 5 characters, got 5'],
    [{ name: 'a', strict: 'yes' }, 'App.strict: expected true or false, got "yes"'],
    [{ name: 'a', when: new Date() }, 'App.when: expected a function, got an instance of Date'],
  ])('refuses %p', (value, message) => {
    expect(refusal(value)).toBe(message);
  });

  it('takes an option given as undefined for left out, and ignores inherited ones', () => {
    expect(checkOptions('App', { name: 'a', attempts: undefined }, rules).attempts).toBe(5);
    expect(refusal(Object.create({ name: 'inherited' }))).toContain('App.name');
  });
});

describe('checkTogether', () => {
  it('blames one option for a contradiction', () => {
    const check = (low: number, high: number) =>
      checkTogether('App', { low, high }, [
        { option: 'high', expected: 'at least App.low', holds: (o) => o.high >= o.low },
      ]);
    expect(() => check(1, 2)).not.toThrow();
    expect(() => check(2, 1)).toThrow('App.high: expected at least App.low, got 1');
  });
});

describe('nearestOf', () => {
  it('finds a typing error and nothing far-fetched', () => {
    expect(nearestOf('time_out', ['attempts', 'timeout'])).toBe('timeout');
    expect(nearestOf('Timeout', ['attempts', 'timeout'])).toBe('timeout');
    expect(nearestOf('colour', ['attempts', 'timeout'])).toBeUndefined();
  });
});
