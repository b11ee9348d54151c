import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodePart, InvalidOptionError, keyspace, TAG_COUNT } from '../src/index.js';

const keys = keyspace('shop');

describe('keyspace', () => {
  it('puts every key under the prefix and one of sixteen tags', () => {
    expect(keys.key(7, 'rec', 'order-42')).toBe('shop:{r07}:rec:order-42');
    expect(keys.key(15)).toBe('shop:{r15}');
    expect(() => keys.key(16, 'a')).toThrow(RangeError);
    expect(() => keys.key(-1, 'a')).toThrow(RangeError);
    expect(() => keys.key(0.5, 'a')).toThrow(RangeError);
  });

  it('never changes where a text lives', () => {
    expect(
      ['', 'a', 'order-42', 'ключ', 'x'.repeat(1_000)].map((text) => keys.tagOf(text)),
    ).toEqual([9, 3, 13, 8, 1]);
  });

  it('spreads texts evenly over the tags', () => {
    const counts = Array.from({ length: TAG_COUNT }, () => 0);
    for (let index = 0; index < 16_000; index += 1) {
      const tag = keys.tagOf(`order-${index}`);
      counts[tag] = (counts[tag] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });

  it('encodes what would break a key, and hashes what is long', () => {
    expect(keys.key(0, 'a:b{c}%\n')).toBe('shop:{r00}:a%3Ab%7Bc%7D%25%0A');
    expect(encodePart('x'.repeat(128))).toBe('x'.repeat(128));
    expect(encodePart('x'.repeat(129))).toMatch(/^%~[\w-]{43}$/);
    expect(encodePart('ж'.repeat(65))).toMatch(/^%~[\w-]{43}$/);
    expect(encodePart('\ud800')).toBe('%uD800');
    expect(encodePart('😀 é')).toBe('😀 é');
  });

  it('gives different texts different parts that are safe', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const part = encodePart(left);
        expect(part).not.toMatch(/[:{}\p{Cc}]/u);
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(128);
        expect(Buffer.from(part).toString()).toBe(part);
        expect(part === encodePart(right)).toBe(left === right);
      }),
    );
  });

  it.each(['shop', '{shop}', 'my:app', 'приложение', 'x'.repeat(128)])(
    'accepts the prefix %p',
    (prefix) => {
      expect(keyspace(prefix).prefix).toBe(prefix);
    },
  );

  it.each([
    '',
    ' ',
    'a b',
    'a\n',
    '{',
    '}',
    '{}',
    '{a}b',
    'a{b}',
    '{a}{b}',
    '{{a}}',
    'x'.repeat(129),
    '\ud800',
    undefined,
    5,
    null,
  ])('refuses the prefix %p', (prefix) => {
    expect(() => keyspace(prefix as string)).toThrow(InvalidOptionError);
  });
});
