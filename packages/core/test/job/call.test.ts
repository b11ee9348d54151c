import { NotJsonError } from '@bulletproof/kernel';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { callFacts, parseCall } from '../../src/job/call.js';
import { type CallOptions, defineJob } from '../../src/job/index.js';
import { referredBy } from '../../src/job/internal.js';

const charge = defineJob({ name: 'charge' }, async (_input: unknown) => {});

const label = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 });
// keys named __proto__ are refused, see below
const json = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
const ms = fc.integer({ min: 1, max: 1_000_000 });
const callOptions: fc.Arbitrary<CallOptions> = fc.oneof(
  fc.record(
    { id: label, delay: ms, queue: label, idempotencyKey: label, attempts: ms },
    { requiredKeys: [] },
  ),
  fc.record(
    { at: fc.date({ noInvalidDate: true }), timeout: ms, expiresAfter: ms },
    { requiredKeys: [] },
  ),
);

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('a call', () => {
  it('is frozen data, down to the ends of its input', () => {
    const call = charge({ items: [{ sku: 'a' }] }, { id: 'c1' });
    expect(call).toStrictEqual({
      job: 'charge',
      input: { items: [{ sku: 'a' }] },
      options: { id: 'c1' },
    });
    const { items } = call.input as { items: { sku: string }[] };
    for (const part of [call, call.input, call.options, items, items[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('does not change with what it was made of', () => {
    const input = { amount: 1, note: undefined };
    const call = charge(input);
    input.amount = 1000;
    expect(call.input).toStrictEqual({ amount: 1 });
    expect(Object.isFrozen(input)).toBe(false);
  });

  it('has no input when none was given', () => {
    expect(Object.keys(charge())).toEqual(['job']);
    expect(Object.keys(charge(undefined, {}))).toEqual(['job']);
    expect(charge(null)).toStrictEqual({ job: 'charge', input: null });
  });

  it('knows its definition and its size, out of sight', () => {
    const call = charge({ é: 'ü' });
    expect(callFacts(call)).toEqual({ definition: referredBy(charge), inputBytes: 11 });
    expect(callFacts({ ...call })).toEqual({ definition: undefined, inputBytes: 11 });
    expect(callFacts(charge()).inputBytes).toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['a date', { items: [{ when: new Date(0) }] }, '$.items[0].when is an instance of Date'],
    ['a bigint', { amount: 1n }, '$.amount is 1n'],
    ['a function', { run: () => 1 }, '$.run is a function'],
    ['NaN', [Number.NaN], '$[0] is NaN'],
    ['a prototype', JSON.parse('{"__proto__": {}}'), '__proto__'],
  ])('refuses %s in its input, with the path', (_what, input, message) => {
    expect(() => charge(input)).toThrow(NotJsonError);
    expect(() => charge(input)).toThrow('charge input: ');
    expect(() => charge(input)).toThrow(message);
  });

  it('refuses a cycle in its input', () => {
    const input: { self?: unknown } = {};
    input.self = input;
    expect(() => charge(input)).toThrow(NotJsonError);
  });

  it('is the same after a round trip through JSON', () => {
    fc.assert(
      fc.property(json, callOptions, (input, options) => {
        const call = charge(input, options);
        expect(parseCall(throughJson(call))).toStrictEqual(call);
      }),
    );
  });
});

describe('parseCall', () => {
  it('returns a call as it is', () => {
    const call = charge({ orderId: '1' });
    expect(parseCall(call)).toBe(call);
  });

  it('takes data written by hand', () => {
    const call = parseCall({ job: 'charge', input: 1, options: { delay: '5m' } });
    expect(call).toStrictEqual({ job: 'charge', input: 1, options: { delay: 300_000 } });
    expect(callFacts(call).definition).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [undefined, 'call: expected an object of options, got undefined'],
    [[], 'call: expected an object of options, got an array of 0'],
    [
      {},
      'call.job: expected text of 1 to 256 characters without control characters, got undefined',
    ],
    [
      { job: 'x', inputs: 1 },
      'call.inputs: expected a known option (did you mean "input"?), got the unknown option "inputs"',
    ],
    [{ job: 'x', options: 1 }, 'call.options: expected an object of options, got 1'],
    [
      { job: 'x', options: { at: '2026-11-24' } },
      'call.options.at: expected a valid Date, epoch milliseconds, or ISO 8601 text with a zone, got "2026-11-24"',
    ],
  ])('refuses %j', (data, message) => {
    expect(() => parseCall(data)).toThrow(message);
  });

  it('refuses an input that is no JSON', () => {
    expect(() => parseCall({ job: 'charge', input: { at: new Date(0) } })).toThrow(NotJsonError);
  });
});
