import { describe, expect, it } from '@jest/globals';
import { assertJsonValue, NotJsonError, PayloadTooLargeError } from '../src/index.js';

const check = (value: unknown, maxBytes = 1_000_000): number =>
  assertJsonValue(value, { maxBytes, where: 'input of charge' });

function refusal(value: unknown): string {
  try {
    check(value);
  } catch (error) {
    if (error instanceof NotJsonError) return `${error.path} ${error.found}`;
    throw error;
  }
  return 'accepted';
}

const circular: { list: unknown[] } = { list: [] };
circular.list.push({ back: circular });

function nestedArrays(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

const twice = (value: unknown) => [value, value];

class Money {
  constructor(readonly cents: number) {}
}
class Price extends Money {
  toJSON() {
    return { cents: this.cents };
  }
}

describe('assertJsonValue', () => {
  it.each([
    ['text', 'aé€😀"\\\n\u0001\u007f\ud800x\udc00'],
    ['numbers', [0, -0, 7, 42, 999, 1_000, 99_999, 100_000, -1, 1.5, 1e21, 5e-324, 2 ** 53]],
    ['literals', [true, false, null]],
    ['empty things', [{}, [], '', { a: {} }]],
    ['undefined properties', { a: undefined, b: 1, c: undefined }],
    ['only undefined properties', { a: undefined }],
    ['keys with escapes', { 'a"b': 1, ключ: 2 }],
    ['keys named as prototype parts', { constructor: 1, prototype: { constructor: 'x' } }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['an instance with toJSON', { price: new Price(5), at: new URL('https://example.org/') }],
    ['symbol keys, which JSON skips', { [Symbol('s')]: 1, a: 2 }],
    ['the same object twice', [circular.list.length, ...twice({ a: 1 })]],
    ['500 levels', nestedArrays(500)],
  ])('returns the exact size of %s', (_what, value) => {
    expect(check(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
  });

  it.each([
    ['a date', { items: [0, 1, 2, { when: new Date(0) }] }, '$.items[3].when an instance of Date'],
    ['a bigint', [1n], '$[0] 1n'],
    ['NaN', { a: { 'b c': Number.NaN } }, '$.a["b c"] NaN'],
    ['infinity', { a: Number.NEGATIVE_INFINITY }, '$.a -Infinity'],
    ['a function', { a() {} }, '$.a a function'],
    ['a symbol', { a: Symbol('x') }, '$.a a symbol'],
    ['a map', { a: new Map() }, '$.a an instance of Map'],
    ['a set', new Set(), '$ an instance of Set'],
    ['a class instance', { price: new Money(5) }, '$.price an instance of Money'],
    ['a boxed number', [Object(5)], '$[0] an instance of Number'],
    ['undefined', undefined, '$ undefined'],
    ['undefined in an array', [1, undefined], '$[1] undefined'],
    ['a hole in an array', Object.assign([], { 0: 1, 2: 3 }), '$[1] undefined'],
    ['a circle', circular, '$.list[0].back a circle (the value contains itself)'],
    [
      'an own __proto__',
      JSON.parse('{"a":{"__proto__":{"x":1}}}'),
      '$.a.__proto__ a key that could change a prototype',
    ],
    ['a toJSON that gives no JSON', { a: { toJSON: () => 1n } }, '$.a 1n'],
  ])('refuses %s and says where', (_what, value, message) => {
    expect(refusal(value)).toBe(message);
  });

  it('refuses more than 500 levels, without overflowing the stack', () => {
    expect(refusal(nestedArrays(501))).toContain('nested deeper than 500 levels');
    expect(refusal(nestedArrays(200_000))).toContain('nested deeper than 500 levels');
  });

  it('refuses what is too large, with both sizes', () => {
    expect(check('x'.repeat(98), 100)).toBe(100);
    expect(() => check('x'.repeat(99), 100)).toThrow(PayloadTooLargeError);
    expect(() => check({ a: 'é'.repeat(50) }, 100)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE', bytes: 108, maxBytes: 100 }),
    );
  });

  it('names the place, the finding and the remedy', () => {
    expect(() => check({ at: new Date() })).toThrow(
      'input of charge: $.at is an instance of Date, which JSON cannot carry; pass plain JSON values only',
    );
  });

  it('does not trust a value that changes while it is read', () => {
    let reads = 0;
    const shifty = {
      get a() {
        reads += 1;
        return reads === 1 ? 1n : 1;
      },
    };
    expect(refusal(shifty)).toBe('$ a value that changes while it is read');
  });
});
