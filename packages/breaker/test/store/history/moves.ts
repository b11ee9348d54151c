import * as fc from 'fast-check';
import type { Limits, StateName } from '../../../src/policy/state.js';

/** What a client lies about, mostly nothing. */
export type Forgery = 'none' | 'knows-nothing' | 'knows-more';

/** One move of a history; numbers pick among what exists. */
export type Move = { readonly client: number; readonly forgery: Forgery } & (
  | {
      readonly kind: 'report';
      readonly passed: number;
      readonly failed: number;
      readonly slow: number;
      readonly stale: boolean;
      readonly trip: boolean;
    }
  | { readonly kind: 'acquire' }
  | {
      readonly kind: 'settle';
      readonly lease: number;
      readonly off: number;
      readonly outcome: 'passed' | 'failed' | 'abandoned';
    }
  /** Waits until the breaker is due, asks for a lease, and settles a little later. */
  | {
      readonly kind: 'probe';
      readonly laterMs: number;
      readonly outcome: 'passed' | 'failed' | 'abandoned';
    }
  | { readonly kind: 'force'; readonly open: boolean; readonly ttlMs: number }
  | { readonly kind: 'release' }
  | { readonly kind: 'read' }
  | { readonly kind: 'lose'; readonly what: 'all' | 'state' | 'leases' | 'window' }
  | { readonly kind: 'tick'; readonly ms: number }
);

/** A history: the options of two groups of clients, and what happens. */
export interface History {
  readonly limits: readonly [Limits, Limits];
  readonly jitter: number;
  readonly moves: readonly Move[];
}

/** States for a client that claims to know more than the store. */
export const STATES: readonly StateName[] = [
  'closed',
  'open',
  'half-open',
  'forced-open',
  'forced-closed',
];

/** The length of a window, and of a first open time, in the histories. */
export const WINDOW_MS = 1_000;
/** See {@link WINDOW_MS}. */
export const OPEN_MS = 500;
/** A lease of the histories. */
export const LEASE_MS = 300;

const limits: fc.Arbitrary<Limits> = fc.record({
  openMs: fc.constantFrom(OPEN_MS, 333),
  maxOpenMs: fc.constantFrom(OPEN_MS, 4 * OPEN_MS, 4_097),
  stableMs: fc.constantFrom(0, 700),
  windowMs: fc.constantFrom(WINDOW_MS, WINDOW_MS, 1_050),
  buckets: fc.constantFrom(1, 3, 10),
  volume: fc.constantFrom(0, 1, 2, 5),
  failureRate: fc.constantFrom(0, 50, 50, 33.4, 100),
  slowRate: fc.constantFrom(0, 40, 100, 100),
  quorum: fc.constantFrom(1, 1, 2, 3),
  probes: fc.constantFrom(1, 1, 2, 3),
  successes: fc.constantFrom(1, 1, 2),
  leaseMs: fc.constantFrom(LEASE_MS, LEASE_MS, 100),
  keepMs: fc.constant(3_600_000),
});

const few = fc.constantFrom(0, 0, 1, 2, 3);
const rarely = fc.nat(9).map((n) => n === 0);
const MOMENTS = [1, 50, 99, 100, 101, 299, 300, 301, 499, 500, 501, 700, 1_000, 1_001, 5_000];

const act = fc.oneof(
  weighted(16, {
    kind: fc.constant('report' as const),
    passed: few,
    failed: few,
    slow: fc.constantFrom(0, 0, 0, 1, 2),
    stale: rarely,
    trip: rarely,
  }),
  weighted(14, { kind: fc.constant('acquire' as const) }),
  weighted(10, {
    kind: fc.constant('settle' as const),
    lease: fc.nat(2),
    off: fc.constantFrom(0, 0, 0, 0, 1, -1),
    outcome: fc.constantFrom('passed', 'failed', 'failed', 'abandoned'),
  }),
  weighted(10, {
    kind: fc.constant('probe' as const),
    laterMs: fc.constantFrom(0, 1, 99, 100, 299, 300, 301),
    outcome: fc.constantFrom('passed', 'passed', 'failed', 'abandoned'),
  }),
  weighted(1, {
    kind: fc.constant('force' as const),
    open: fc.boolean(),
    ttlMs: fc.constantFrom(1, 300, 1_000, 200_000),
  }),
  weighted(2, { kind: fc.constant('release' as const) }),
  weighted(3, { kind: fc.constant('read' as const) }),
  weighted(1, {
    kind: fc.constant('lose' as const),
    what: fc.constantFrom('all', 'state', 'leases', 'window'),
  }),
  weighted(14, { kind: fc.constant('tick' as const), ms: fc.constantFrom(...MOMENTS) }),
  // A failover to a server whose clock is behind.
  weighted(1, { kind: fc.constant('tick' as const), ms: fc.constantFrom(-1, -700, -20_000) }),
);

const forgery = fc.constantFrom<Forgery>(
  ...Array.from({ length: 12 }, () => 'none' as const),
  'knows-nothing',
  'knows-more',
);

/** Histories of up to 60 moves. */
export const history: fc.Arbitrary<History> = fc.record({
  limits: fc.tuple(limits, limits),
  jitter: fc.constantFrom(0, 0.05, 0.1, 1),
  moves: fc.array(
    fc
      .tuple(act, fc.nat(3), forgery)
      .map(([move, client, lie]): Move => ({ ...move, client, forgery: lie }) as Move),
    { minLength: 20, maxLength: 60 },
  ),
});

function weighted<T extends object>(
  weight: number,
  model: { [K in keyof T]: fc.Arbitrary<T[K]> },
): { weight: number; arbitrary: fc.Arbitrary<T> } {
  return { weight, arbitrary: fc.record(model) as fc.Arbitrary<T> };
}
