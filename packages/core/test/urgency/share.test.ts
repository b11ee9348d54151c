import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LaneState, limitsOf } from '../../src/urgency/policy/share.js';

const lane = (reserve: number, weight: number, taken: number, isHungry: boolean): LaneState => ({
  reserve,
  weight,
  taken,
  wants: isHungry ? Number.POSITIVE_INFINITY : 0,
});

describe('slots above the reserves', () => {
  it.each([
    ['go to the only one that has work', [lane(4, 8, 1, false), lane(1, 1, 1, true)], 15, [4, 16]],
    ['are divided by weight', [lane(4, 8, 4, true), lane(1, 1, 1, true)], 18, [20, 3]],
    ['are not given before they are free', [lane(4, 8, 4, true), lane(1, 1, 16, true)], 15, [4, 3]],
    ['come back as runs end', [lane(4, 8, 4, true), lane(1, 1, 10, true)], 15, [10, 3]],
    [
      'that one does not need go to the others',
      [lane(2, 8, 3, false), lane(1, 1, 1, true), lane(1, 1, 1, true)],
      11,
      [3, 6, 6],
    ],
    ['are nobody’s when nobody has work', [lane(2, 1, 1, false), lane(2, 1, 1, false)], 6, [2, 2]],
    [
      'let somebody look where nobody does, if there is one left',
      [lane(2, 1, 2, false), { reserve: 1, weight: 1, taken: 3, wants: 1 }],
      6,
      [2, 4],
    ],
    ['are whole', [lane(1, 1, 1, true), lane(1, 1, 1, true), lane(1, 1, 1, true)], 5, [3, 3, 2]],
  ])('%s', (_, lanes, spare, expected) => {
    expect(limitsOf(lanes, spare)).toEqual(expected);
  });
});

const anyLanes = fc
  .record({
    spare: fc.integer({ min: 0, max: 40 }),
    lanes: fc.array(
      fc.record({
        reserve: fc.integer({ min: 1, max: 6 }),
        weight: fc.integer({ min: 1, max: 10 }),
        taken: fc.integer({ min: 0, max: 20 }),
        wants: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .filter(({ spare, lanes }) => sum(lanes.map(over)) <= spare);

const over = ({ taken, reserve }: { taken: number; reserve: number }) =>
  Math.max(0, taken - reserve);
const isHungry = ({ wants }: { wants: number }) => wants === Number.POSITIVE_INFINITY;
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

it('limits never promise a slot twice, never touch a reserve, and leave none idle while somebody is hungry', () => {
  fc.assert(
    fc.property(anyLanes, ({ lanes, spare }) => {
      const limits = limitsOf(lanes, spare);
      const used = lanes.map((each, at) => Math.max(over(each), (limits[at] ?? 0) - each.reserve));
      expect(sum(used)).toBeLessThanOrEqual(spare);
      for (const [at, each] of lanes.entries()) {
        expect(limits[at]).toBeGreaterThanOrEqual(each.reserve);
        // Who wants nothing more is given nothing more.
        if (each.wants === 0) {
          expect(limits[at]).toBeLessThanOrEqual(Math.max(each.reserve, each.taken));
        }
      }
      if (lanes.some(isHungry)) expect(sum(used)).toBe(spare);
    }),
    { numRuns: 2_000 },
  );
});

it('whoever is hungry gets its part once the others’ runs have ended', () => {
  fc.assert(
    fc.property(anyLanes, ({ lanes, spare }) => {
      const state = lanes.map((each) => ({ ...each, wants: Number.POSITIVE_INFINITY }));
      for (let round = 0; round < 50; round += 1) {
        const limits = limitsOf(state, spare);
        // Each takes what it may, and those above their limit end one run.
        state.forEach((each, at) => {
          const limit = limits[at] ?? 0;
          each.taken = each.taken > limit ? each.taken - 1 : limit;
        });
      }
      const weights = sum(state.map(({ weight }) => weight));
      for (const each of state) {
        const part = (spare * each.weight) / weights;
        expect(over(each)).toBeGreaterThanOrEqual(Math.floor(part));
        expect(over(each)).toBeLessThanOrEqual(Math.ceil(part));
      }
    }),
    { numRuns: 300 },
  );
});
