import type { GuardName } from './sides/guards.js';
import { fireStage, pickupStage, relayStage, type Stage, throughputStage } from './stage.js';

/** Bounds of a ratio: of throughput it should be high, of a wait low. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** Something that is measured on both sides. */
export interface Scenario {
  readonly name: string;
  /** What both sides do, in one line. */
  readonly about: string;
  readonly unit: 'jobs/s' | 'calls/s' | 'ms';
  /** What the ratio should be. */
  readonly goal: Goal | undefined;
  /** Our calls carry idempotency keys; bare BullMQ has none. */
  readonly keyed: boolean;
  /** Who is on the other side. @default 'bare BullMQ' */
  readonly rival?: string;
  readonly rounds: number;
  readonly jobs: number;
  /** Needs a PostgreSQL, too. */
  readonly isOverPostgres?: boolean;
  readonly open: () => Stage;
}

const drain = (concurrency: number) => () => throughputStage({ kind: 'drain', concurrency });
const enqueue = (inFlight: number | 'all') => () => throughputStage({ kind: 'enqueue', inFlight });

const relay = (name: string, batch: number): Scenario => ({
  name,
  about: `relay from the outbox, ${batch} rows a batch (bare: enqueue one by one, 100 in flight)`,
  unit: 'jobs/s',
  goal: undefined,
  keyed: false,
  rounds: 7,
  jobs: 5_000,
  isOverPostgres: true,
  open: () => relayStage({ batch, inFlight: 100 }),
});

/** Calls through a breaker that is closed; a job is a call. */
const breaker = (
  name: string,
  more: Pick<Scenario, 'rival' | 'goal' | 'jobs'> & Fire,
): Scenario => {
  const { guard, hasTimeout, ...scenario } = more;
  return {
    name,
    about: `calls one after the other through a closed breaker ${hasTimeout ? 'with' : 'without'} a timeout (bare: ${scenario.rival})`,
    unit: 'calls/s',
    keyed: false,
    rounds: 15,
    ...scenario,
    open: () => fireStage({ rival: guard, hasTimeout }),
  };
};

interface Fire {
  readonly guard: GuardName;
  readonly hasTimeout: boolean;
}

const scenarios: readonly Scenario[] = [
  {
    name: 'noop',
    about: 'drain jobs that do nothing, concurrency 50',
    unit: 'jobs/s',
    goal: { atLeast: 0.97 },
    keyed: false,
    rounds: 11,
    jobs: 10_000,
    open: drain(50),
  },
  {
    name: 'noop-1',
    about: 'drain jobs that do nothing, concurrency 1',
    unit: 'jobs/s',
    goal: undefined,
    keyed: false,
    rounds: 11,
    jobs: 3_000,
    open: drain(1),
  },
  {
    name: 'idempotent',
    about: 'drain calls with idempotency keys (bare: plain jobs), concurrency 50',
    unit: 'jobs/s',
    goal: { atLeast: 0.9 },
    keyed: true,
    rounds: 11,
    jobs: 10_000,
    open: drain(50),
  },
  {
    name: 'idempotent-1',
    about: 'drain calls with idempotency keys (bare: plain jobs), concurrency 1',
    unit: 'jobs/s',
    goal: { atLeast: 0.65 },
    keyed: true,
    rounds: 11,
    jobs: 3_000,
    open: drain(1),
  },
  {
    name: 'enqueue',
    about: 'enqueue one by one, 100 in flight',
    unit: 'jobs/s',
    goal: { atLeast: 0.95 },
    keyed: false,
    rounds: 15,
    jobs: 10_000,
    open: enqueue(100),
  },
  {
    name: 'enqueue-keyed',
    about: 'enqueue with idempotency keys (bare: plain jobs), 100 in flight',
    unit: 'jobs/s',
    goal: { atLeast: 0.7 },
    keyed: true,
    rounds: 15,
    jobs: 10_000,
    open: enqueue(100),
  },
  {
    name: 'enqueue-many',
    about: 'enqueueMany() (bare: awaited addBulk pages of 1,000)',
    unit: 'jobs/s',
    goal: { atLeast: 1.15 },
    keyed: false,
    rounds: 15,
    jobs: 20_000,
    open: enqueue('all'),
  },
  {
    name: 'pickup',
    about: 'wait from enqueue to handler start, idle worker, a job every 20 ms',
    unit: 'ms',
    goal: { atMost: 1.2 },
    keyed: false,
    rounds: 7,
    jobs: 100,
    open: () => pickupStage({ concurrency: 50, gapMs: 20 }),
  },
  relay('outbox', 500),
  relay('outbox-50', 50),
  relay('outbox-2000', 2_000),
  {
    name: 'outbox-pickup',
    about:
      'wait from BEGIN to handler start through the outbox (bare: from the enqueue), idle worker',
    unit: 'ms',
    goal: undefined,
    keyed: false,
    rounds: 7,
    jobs: 100,
    isOverPostgres: true,
    open: () => pickupStage({ concurrency: 50, gapMs: 20, our: 'outbox' }),
  },
  breaker('breaker', {
    rival: 'opossum',
    guard: 'opossum',
    hasTimeout: true,
    goal: { atLeast: 0.9 },
    jobs: 300_000,
  }),
  breaker('breaker-no-timeout', {
    rival: 'opossum',
    guard: 'opossum',
    hasTimeout: false,
    goal: { atLeast: 0.8 },
    jobs: 300_000,
  }),
  breaker('breaker-cockatiel', {
    rival: 'cockatiel',
    guard: 'cockatiel',
    hasTimeout: true,
    goal: undefined,
    jobs: 300_000,
  }),
  breaker('breaker-get', {
    rival: 'opossum, GET per call',
    guard: 'asking',
    hasTimeout: true,
    goal: undefined,
    jobs: 20_000,
  }),
];

/** All scenarios by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  scenarios.map((scenario) => [scenario.name, scenario]),
);
