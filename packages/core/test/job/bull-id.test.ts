import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bullIdToCallId, callIdToBullId } from '../../src/job/bull-id.js';

// small alphabets make collisions likely, if there are any
const tricky = fc.string({
  unit: fc.constantFrom('4', '2', '3', 'A', ':', '%', '~', '-', 'N', 'a', 'w', 'E'),
  minLength: 1,
  maxLength: 5,
});
const ids = fc.oneof(
  tricky,
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 256 }),
  fc.bigInt().map(String),
  fc.constantFrom('NaN', 'wait', 'meta', 'waiting-children', '0', '-0'),
);

describe('callIdToBullId', () => {
  it('leaves ordinary ids alone', () => {
    for (const id of [
      'order-42',
      'b1946ac9-2492-4d23-8a5c-a7f1c3b1d001',
      'Ärger 7',
      '4e2',
      '007x',
    ]) {
      expect(callIdToBullId(id)).toBe(id);
    }
  });

  it('encodes what BullMQ refuses or would confuse with a key of its own', () => {
    const encoded = ['a1:b', '50%', 'order-1~2', '42', '-5', 'NaN', 'wait', 'stalled-check'];
    expect(encoded.map(callIdToBullId)).toEqual([
      'a1%3Ab',
      '50%25',
      'order-1%7E2',
      '%342',
      '%2D5',
      '%4EaN',
      '%77ait',
      '%73talled-check',
    ]);
  });

  it('never makes an id that BullMQ refuses or keeps for itself', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const bullId = callIdToBullId(id);
        expect(bullId).not.toMatch(/[:~]/);
        expect(bullId).not.toMatch(/^[a-z-]*$/);
        expect(String(Number.parseInt(bullId, 10))).not.toBe(bullId);
      }),
    );
  });

  it('is undone by bullIdToCallId, so no two calls share an id', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(bullIdToCallId(callIdToBullId(id))).toBe(id);
      }),
    );
  });

  it('gives different ids to different calls', () => {
    fc.assert(
      fc.property(tricky, tricky, (left, right) => {
        expect(callIdToBullId(left) === callIdToBullId(right)).toBe(left === right);
      }),
      { numRuns: 2000 },
    );
  });
});
