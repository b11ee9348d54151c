import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertJsonValue, canonicalJson, digest } from '../src/index.js';

/** Rebuilds a value with the keys of each object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, field]) => [key, reversed(field)])
      .reverse(),
  );
}

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 units and writes no spaces', () => {
    const value = {
      '\ue000': 1,
      '😀': 2,
      b: [1, { z: null, a: true }],
      a: undefined,
      10: 'x',
      9: 'y',
    };
    expect(canonicalJson(value)).toBe(
      '{"10":"x","9":"y","b":[1,{"a":true,"z":null}],"😀":2,"\ue000":1}',
    );
  });

  it('writes numbers as the RFC does', () => {
    expect(canonicalJson([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0, 1e21])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0,1e+21]',
    );
  });

  it('honours toJSON and drops what JSON drops', () => {
    expect(canonicalJson({ d: new Date(0), f() {}, u: undefined, l: [undefined] })).toBe(
      '{"d":"1970-01-01T00:00:00.000Z","l":[null]}',
    );
    expect(() => canonicalJson(undefined)).toThrow(TypeError);
  });

  it('means the same as JSON.stringify, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

describe('digest', () => {
  it('is the same for ever', () => {
    expect(digest({ orderId: '42', items: [1, 2] })).toBe(digest({ items: [1, 2], orderId: '42' }));
    expect(digest({})).toBe('RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o');
  });

  it('differs for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const same = canonicalJson(left) === canonicalJson(right);
        expect(digest(left) === digest(right)).toBe(same);
      }),
    );
  });
});

describe('assertJsonValue', () => {
  it('returns the exact size of any JSON value', () => {
    // An own key __proto__ is JSON, and is refused for what it could do.
    const values = fc
      .jsonValue({ stringUnit: 'binary' })
      .filter((value) => !JSON.stringify(value).includes('"__proto__":'));
    fc.assert(
      fc.property(values, (value) => {
        const bytes = assertJsonValue(value, { maxBytes: Number.MAX_SAFE_INTEGER, where: 'x' });
        expect(bytes).toBe(Buffer.byteLength(JSON.stringify(value)));
      }),
    );
  });
});
