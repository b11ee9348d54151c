import * as fc from 'fast-check';

/** How a run lies about itself: mostly not at all, else by something that was really given to somebody. */
export type Forgery =
  | 'none'
  | 'token-of-another'
  | 'token-before'
  | 'token-after'
  | 'generation-before'
  | 'generation-after'
  | 'start-before'
  | 'id-of-another';

/** What a move is about; numbers pick among what exists, the newest first. */
export type Act =
  | {
      readonly kind: 'enqueue';
      readonly at: number;
      readonly input: number;
      readonly again: boolean;
    }
  | { readonly kind: 'start'; readonly delivery: number; readonly ask: boolean }
  | { readonly kind: 'reclaim'; readonly run: number }
  | { readonly kind: 'renew'; readonly run: number; readonly forgery: Forgery }
  | {
      readonly kind: 'step';
      readonly run: number;
      readonly forgery: Forgery;
      readonly step: number;
      readonly value: number;
    }
  | {
      readonly kind: 'release';
      readonly run: number;
      readonly forgery: Forgery;
      readonly snooze: number;
      readonly create: boolean;
    }
  | {
      readonly kind: 'complete';
      readonly run: number;
      readonly forgery: Forgery;
      readonly keep: number;
      readonly value: number;
    }
  | {
      readonly kind: 'bury';
      readonly run: number;
      readonly forgery: Forgery;
      readonly keep: number;
    }
  | {
      readonly kind: 'cancel';
      readonly at: number;
      readonly id: number;
      readonly create: boolean;
      readonly idle: boolean;
    }
  | { readonly kind: 'revive'; readonly at: number; readonly id: number }
  | { readonly kind: 'undo'; readonly at: number; readonly id: number }
  | { readonly kind: 'discard'; readonly at: number; readonly id: number }
  | { readonly kind: 'inspect'; readonly at: number; readonly id: number }
  | { readonly kind: 'point'; readonly at: number; readonly id: number }
  | { readonly kind: 'redeliver'; readonly delivery: number; readonly forgery: Forgery }
  | { readonly kind: 'survey'; readonly beforeMs: number }
  | { readonly kind: 'list'; readonly count: number; readonly beforeMs: number }
  | { readonly kind: 'tick'; readonly ms: number };

/** One move of a history: an operation, made once or more; `together` puts the repeats into one command. */
export type Move = Act & { readonly times: number; readonly together: boolean };

/** A lease of the histories, ms. */
export const LEASE_MS = 10_000;
/** Lives of records in the histories, ms. */
export const LIVES_MS = [60_000, 120_000, 300_000] as const;
/** Life of an anonymous call's record in the histories, ms. */
export const ANONYMOUS_MS = 240_000;
/** What a step or a handler may give, as JSON. */
export const VALUES = ['1', '"two"', undefined, '{"three":[3]}'] as const;

const pick = fc.nat(5);
const at = fc.nat(4);
const rarely = fc.nat(7).map((n) => n === 0);
const often = fc.boolean();
const forgery = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Forgery>('none') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Forgery>(
      'token-of-another',
      'token-before',
      'token-after',
      'generation-before',
      'generation-after',
      'start-before',
      'id-of-another',
    ),
  },
);
const life = fc.nat(LIVES_MS.length - 1);
const value = fc.nat(VALUES.length - 1);

const moments = [
  1,
  2_500,
  LEASE_MS - 1,
  LEASE_MS,
  LEASE_MS + 1,
  3 * LEASE_MS,
  ...LIVES_MS,
] as const;

const act: fc.Arbitrary<Act> = fc.oneof(
  weighted(14, { kind: fc.constant('enqueue'), at, input: rarely.map(Number), again: rarely }),
  weighted(20, { kind: fc.constant('start'), delivery: pick, ask: often }),
  weighted(4, { kind: fc.constant('reclaim'), run: pick }),
  weighted(8, { kind: fc.constant('renew'), run: pick, forgery }),
  weighted(12, { kind: fc.constant('step'), run: pick, forgery, step: fc.nat(2), value }),
  weighted(10, {
    kind: fc.constant('release'),
    run: pick,
    forgery,
    snooze: fc.nat(3),
    create: often,
  }),
  weighted(9, { kind: fc.constant('complete'), run: pick, forgery, keep: life, value }),
  weighted(10, { kind: fc.constant('bury'), run: pick, forgery, keep: life }),
  weighted(8, { kind: fc.constant('cancel'), at, id: pick, create: often, idle: often }),
  weighted(7, { kind: fc.constant('revive'), at, id: pick }),
  weighted(5, { kind: fc.constant('undo'), at, id: pick }),
  weighted(2, { kind: fc.constant('discard'), at, id: pick }),
  weighted(6, { kind: fc.constant('inspect'), at, id: pick }),
  weighted(3, { kind: fc.constant('point'), at, id: pick }),
  weighted(8, { kind: fc.constant('redeliver'), delivery: pick, forgery }),
  weighted(3, { kind: fc.constant('survey'), beforeMs: fc.nat(90_000) }),
  weighted(3, {
    kind: fc.constant('list'),
    count: fc.integer({ min: 1, max: 4 }),
    beforeMs: fc.nat(90_000),
  }),
  weighted(14, { kind: fc.constant('tick'), ms: fc.constantFrom(...moments) }),
);

function weighted<T extends Act>(
  weight: number,
  shape: { [K in keyof T]: fc.Arbitrary<T[K]> },
): { weight: number; arbitrary: fc.Arbitrary<T> } {
  return { weight, arbitrary: fc.record(shape) as fc.Arbitrary<T> };
}

const move: fc.Arbitrary<Move> = fc
  .tuple(act, fc.nat(9), fc.boolean())
  .map(([made, often, together]) => ({
    ...made,
    times: often === 0 ? 3 : often <= 2 ? 2 : 1,
    together,
  }));

/** A whole history. */
export const history: fc.Arbitrary<readonly Move[]> = fc.array(move, {
  maxLength: 120,
  size: 'max',
});
