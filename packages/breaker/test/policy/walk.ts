import * as fc from 'fast-check';
import {
  type Ask,
  type BreakerRecord,
  type Decision,
  type Known,
  type Limits,
  NEW_BREAKER,
  NOTHING_KNOWN,
} from '../../src/policy/state.js';
import { type BreakerEvent, type Reply, transition } from '../../src/policy/transition.js';

/** One step of a walk, as a check sees it. */
export interface Step {
  readonly before: BreakerRecord;
  readonly ask: Ask;
  readonly event: BreakerEvent;
  readonly decision: Decision<Reply>;
  readonly nowMs: number;
}

/** Who looks at every step of a walk, and hears when the store has lost everything. */
export interface Observer {
  step(step: Step): void;
  lost?(): void;
}

const LIMITS: Limits = {
  openMs: 500,
  maxOpenMs: 2_000,
  stableMs: 700,
  windowMs: 1_000,
  buckets: 10,
  volume: 2,
  failureRate: 50,
  slowRate: 60,
  quorum: 1,
  probes: 1,
  successes: 1,
  leaseMs: 300,
  keepMs: 3_600_000,
};

const counts = { passed: fc.nat(3), failed: fc.nat(3), slow: fc.nat(2) };
const event: fc.Arbitrary<Scripted> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('report'), stale: fc.nat(5), ...counts }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('acquire') }) },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('settle'),
      lease: fc.constantFrom(0, 0, 0, 1, 2),
      outcome: fc.constantFrom('passed', 'failed', 'abandoned'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('force'), ttlMs: fc.constantFrom(400, 900) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose') }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('tick'),
      ms: fc.constantFrom(1, 60, 100, 299, 300, 500, 701, 1_200, 4_001),
    }),
  },
) as fc.Arbitrary<Scripted>;

type Scripted =
  | { kind: 'report'; passed: number; failed: number; slow: number; stale: number }
  | { kind: 'acquire' | 'release' | 'lose' }
  | { kind: 'settle'; lease: number; outcome: 'passed' | 'failed' | 'abandoned' }
  | { kind: 'force'; ttlMs: number }
  | { kind: 'tick'; ms: number };

const scripted = fc.record({
  limits: fc.record({
    volume: fc.constantFrom(0, 2, 5),
    quorum: fc.constantFrom(1, 1, 2),
    probes: fc.constantFrom(1, 1, 2),
    successes: fc.constantFrom(1, 2),
    stableMs: fc.constantFrom(0, 700),
  }),
  jitter: fc.constantFrom(0, 0.1),
  moves: fc.array(fc.tuple(event, fc.nat(4)), { minLength: 30, maxLength: 80 }),
});

/** Lets five clients walk at random through the state machine; fails with the shortest walk that a check refuses. */
export function walk(observe: (limits: Limits) => Observer): void {
  fc.assert(
    fc.property(scripted, ({ limits, jitter, moves }) => {
      new Walk({ ...LIMITS, ...limits }, jitter, observe({ ...LIMITS, ...limits })).run(moves);
    }),
    { numRuns: 120 },
  );
}

class Walk {
  readonly #views = new Map<number, { known: Known; atMs: number }>();
  readonly #tokens: number[] = [];
  #record = NEW_BREAKER;
  #nowMs = 1_800_000_000_000;

  constructor(
    readonly limits: Limits,
    readonly jitter: number,
    readonly observer: Observer,
  ) {}

  run(moves: readonly (readonly [Scripted, number])[]): void {
    for (const [move, client] of moves) {
      if (move.kind === 'tick') this.#nowMs += move.ms;
      else if (move.kind === 'lose') this.#lose();
      else this.#apply(client, move);
    }
  }

  #lose(): void {
    this.#record = NEW_BREAKER;
    this.#nowMs += 1;
    this.observer.lost?.();
  }

  #apply(client: number, move: Exclude<Scripted, { kind: 'tick' | 'lose' }>): void {
    const known = this.#known(client);
    const { limits, jitter } = this;
    const ask: Ask = { by: `p${client}`, config: '', known, limits, jitter };
    const event = this.#event(move, known);
    const before = this.#record;
    const decision = transition(before, ask, event, this.#nowMs);
    this.#record = decision.next;
    this.#views.set(client, { known: decision.reply, atMs: this.#nowMs });
    if (decision.reply.tag === 'granted') this.#tokens.unshift(decision.reply.token);
    this.observer.step({ before, ask, event, decision, nowMs: this.#nowMs });
  }

  #known(client: number): Known {
    const { known, atMs } = this.#views.get(client) ?? { known: NOTHING_KNOWN, atMs: this.#nowMs };
    const goneMs = this.#nowMs - atMs;
    const remainingMs = Math.max(0, known.remainingMs - goneMs);
    return { ...known, remainingMs, ageMs: known.ageMs + goneMs };
  }

  #event(move: Exclude<Scripted, { kind: 'tick' | 'lose' }>, known: Known): BreakerEvent {
    switch (move.kind) {
      case 'report': {
        const { kind, passed, failed, slow, stale } = move;
        const admittedEpoch = stale === 0 ? known.epoch - 1 : known.epoch;
        return { kind, passed, failed, slow, trip: false, admittedEpoch };
      }
      case 'settle':
        return { kind: 'settle', token: this.#tokens[move.lease] ?? 7, outcome: move.outcome };
      case 'force':
        return { kind: 'force', state: 'forced-open', ttlMs: move.ttlMs, reason: 'by hand' };
      case 'release':
        return { kind: 'release', reason: 'enough' };
      default:
        return { kind: 'acquire' };
    }
  }
}
