import { keysUnder } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Call, defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();
const echo = defineJob({ name: 'echo', attempts: 1 }, (input: unknown) => ({ input }));

class Money {
  constructor(readonly cents: number) {}
}

const circle: { self?: unknown } = {};
circle.self = { circle };
let deep: unknown = 1;
for (let level = 0; level < 501; level += 1) deep = [deep];

/** What it is, the input, where the culprit is, what was found there. */
const refused: readonly (readonly [string, unknown, string, string])[] = [
  ['a circle', circle, '$.self.circle', 'a circle (the value contains itself)'],
  ['a bigint', { amounts: [1, 2n] }, '$.amounts[1]', '2n'],
  ['a date', { order: { at: new Date(0) } }, '$.order.at', 'an instance of Date'],
  ['NaN', { rate: Number.NaN }, '$.rate', 'NaN'],
  ['Infinity', [Infinity], '$[0]', 'Infinity'],
  ['a function', { done: () => 1 }, '$.done', 'a function'],
  ['a function as a whole', () => 1, '$', 'a function'],
  ['a symbol', { 'the kind': Symbol('x') }, '$["the kind"]', 'a symbol'],
  ['an instance of a class', { price: new Money(5) }, '$.price', 'an instance of Money'],
  ['a map', { rates: new Map() }, '$.rates', 'an instance of Map'],
  ['a set', new Set([1]), '$', 'an instance of Set'],
  ['a typed array', { bytes: new Uint8Array(2) }, '$.bytes', 'an instance of Uint8Array'],
  ['undefined in an array', { ids: [1, undefined] }, '$.ids[1]', 'undefined'],
  [
    'a __proto__ that JSON.parse made',
    JSON.parse('{"user":{"__proto__":{"admin":true}}}'),
    '$.user.__proto__',
    'a key that could change a prototype',
  ],
  ['a prototype of its own', { user: Object.create({ admin: true }) }, '$.user', 'an object'],
  ['501 levels', deep, `$${'[0]'.repeat(500)}`, 'nested deeper than 500 levels'],
];

describe('an input that JSON cannot carry', () => {
  it.each(refused)(
    '%s is refused before anything is written',
    async (_what, input, path, found) => {
      const app = bench.app();
      app.register(echo);
      const byHand = { job: 'echo', input } as Call;
      const attempts = [
        () => echo(input),
        () => app.enqueue(byHand),
        () => app.enqueue({ ...echo(1), input } as Call),
      ];
      for (const attempt of attempts) {
        expect(await refusalOf(attempt)).toMatchObject({
          code: 'NOT_JSON',
          path,
          found,
          message: `echo input: ${path} is ${found}, which JSON cannot carry; pass plain JSON values only (a date as text or milliseconds)`,
        });
      }
      const many = await app.enqueueMany([byHand]);
      expect(many).toMatchObject({
        enqueued: 0,
        refused: [{ index: 0, error: { code: 'NOT_JSON' } }],
      });
      expect(await keysUnder(bench.redis, bench.prefix)).toEqual([]);
    },
  );
});

describe('an input that JSON can carry', () => {
  it.each([
    ['text', 'ö😀 \u0000 \ud800', 'ö😀 \u0000 \ud800'],
    ['zero', 0, 0],
    ['false', false, false],
    ['null', null, null],
    ['empty text', '', ''],
    ['a list', [[], {}, [null]], [[], {}, [null]]],
    ['undefined properties, which are dropped', { a: undefined, b: { c: undefined } }, { b: {} }],
    ['an instance with toJSON', { at: { toJSON: () => 'noon' } }, { at: 'noon' }],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [
      'keys that only look dangerous',
      { constructor: 1, prototype: { toString: 2 }, '': 3, 'a:{b}': 4 },
      { constructor: 1, prototype: { toString: 2 }, '': 3, 'a:{b}': 4 },
    ],
  ])('reaches the handler: %s', async (_what, input, expected) => {
    const app = bench.app();
    app.register(echo);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(echo(input));
    await expect(handle.result()).resolves.toStrictEqual({ input: expected });
  });

  it('is copied: what the caller does to it later changes nothing', async () => {
    const app = bench.app();
    app.register(echo);
    const input = { items: ['a'] };
    const call = echo(input);
    input.items.push('b');
    const handle = await app.enqueue(call);
    await app.work({ queues: { default: 1 } });
    await expect(handle.result()).resolves.toEqual({ input: { items: ['a'] } });
  });

  it('may be left out', async () => {
    const app = bench.app();
    app.register(echo);
    await app.work({ queues: { default: 1 } });
    const handle = await app.enqueue(echo(undefined));
    await expect(handle.result()).resolves.toStrictEqual({});
  });
});
