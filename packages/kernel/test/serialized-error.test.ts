import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  InvalidOptionError,
  isBulletproofError,
  reviveError,
  serializeError,
} from '../src/index.js';

const tooLong = Array.from({ length: 5_000 }, () => 1);

const roundTrip = (thrown: unknown) =>
  reviveError(JSON.parse(JSON.stringify(serializeError(thrown))));

describe('serializeError and reviveError', () => {
  it('keep name, message, code, stack, causes and own data', () => {
    const cause = Object.assign(new TypeError('inner'), { retryAfterMs: 5_000 });
    const error = Object.assign(new RangeError('outer', { cause }), {
      code: 'E_OUTER',
      orderId: '42',
      nested: { list: [1, null, 'x'] },
    });
    const revived = roundTrip(error);
    expect(revived).toBeInstanceOf(Error);
    expect(revived).toMatchObject({
      name: 'RangeError',
      message: 'outer',
      code: 'E_OUTER',
      orderId: '42',
      nested: { list: [1, null, 'x'] },
      cause: { name: 'TypeError', message: 'inner', retryAfterMs: 5_000 },
    });
    expect(revived.stack).toBe(error.stack);
    expect(Object.keys(revived).sort()).toEqual(['code', 'nested', 'orderId']);
  });

  it('keep our own errors recognisable', () => {
    const error = new InvalidOptionError({ option: 'a', expected: 'b', received: 'c' });
    const revived = roundTrip(error);
    expect(isBulletproofError(revived, 'INVALID_OPTION')).toBe(true);
    expect(revived).toMatchObject({ option: 'a', expected: 'b', received: 'c' });
    expect(isBulletproofError(roundTrip(new Error('x')))).toBe(false);
  });

  it.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a string', 'boom', 'boom'],
    ['a number', 7, '7'],
    ['a bigint', 7n, '7n'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['a plain object', { a: 1 }, 'an object'],
    ['an object with a message', { message: 'hello' }, 'hello'],
  ])('take %s that was thrown', (_what, thrown, message) => {
    expect(roundTrip(thrown).message).toBe(message);
  });

  it('survive hostile values', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const getters = Object.defineProperties(
      {},
      Object.fromEntries(
        ['name', 'message', 'stack', 'cause', 'code', 'field'].map((field) => [
          field,
          {
            enumerable: true,
            get() {
              throw new Error('hostile');
            },
          },
        ]),
      ),
    );
    for (const thrown of [proxy, getters]) expect(roundTrip(thrown).message).toBe('an object');
  });

  it('bound message, stack, fields and depth', () => {
    let error = Object.assign(new Error('m'.repeat(10_000)), {
      small: 'kept',
      text: 'x'.repeat(10_000),
      big: { list: tooLong },
    });
    for (let depth = 0; depth < 10; depth += 1) {
      error = Object.assign(new Error('outer', { cause: error }), {
        small: 'kept',
        text: '',
        big: { list: [] },
      });
    }
    const serialized = serializeError(
      Object.assign(new Error('m'.repeat(10_000)), { cause: error }),
    );
    expect(serialized.message).toHaveLength(4_096);
    expect(serialized.stack).toHaveLength(4_096);
    expect(serialized.cause?.cause?.cause).toBeDefined();
    expect(serialized.cause?.cause?.cause?.cause).toBeUndefined();
    const bulky = serializeError(
      Object.assign(new Error('x'), {
        small: 1,
        big: tooLong,
        date: new Date(0),
        nan: NaN,
        fn() {},
      }),
    );
    expect(bulky.data).toEqual({ small: 1, date: '1970-01-01T00:00:00.000Z' });
    expect(JSON.stringify(serialized).length).toBeLessThan(40_000);
  });

  it('do not follow circles of causes', () => {
    const self = new Error('self');
    self.cause = self;
    expect(serializeError(self).cause).toBeUndefined();
    const one = new Error('one');
    one.cause = new Error('two', { cause: one });
    expect(serializeError(one).cause?.cause).toBeUndefined();
  });

  it('show the first of several errors as the cause', () => {
    const refused = Object.assign(new AggregateError([new Error('connect refused')]), {
      code: 'ECONNREFUSED',
    });
    expect(serializeError(refused)).toMatchObject({
      code: 'ECONNREFUSED',
      cause: { message: 'connect refused' },
    });
  });

  it('let stored data change neither prototype nor identity', () => {
    const revived = reviveError(
      JSON.parse('{"name":"E","message":"m","data":{"__proto__":{"x":1},"stack":"s","ok":1}}'),
    );
    expect(revived).toBeInstanceOf(Error);
    expect(revived).not.toHaveProperty('x');
    expect(revived).toMatchObject({ ok: 1, stack: 'E: m' });
  });

  it('take anything at all, within bounds', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, fc.dictionary(fc.string(), anything), (thrown, fields) => {
        for (const error of [thrown, Object.assign(new Error('x', { cause: thrown }), fields)]) {
          const serialized = serializeError(error);
          expect(JSON.parse(JSON.stringify(serialized))).toEqual(serialized);
          const again = serializeError(reviveError(serialized));
          // An error that had no stack gets a line of text for one.
          const { stack, cause } = serialized;
          expect({ ...again, stack, cause }).toEqual({ ...serialized, stack, cause });
        }
      }),
    );
  });
});
