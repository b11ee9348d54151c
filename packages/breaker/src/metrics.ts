import type { CircuitBreaker } from './breaker.js';
import { breakers } from './registry.js';
import type { BreakerSnapshot } from './snapshot.js';

/** The part of prom-client that is used; pass the module itself. */
export interface PromClient {
  readonly Gauge: new (options: never) => PromMetric & { set(labels: object, value: number): void };
  readonly Counter: new (options: never) => PromMetric & { inc(labels: object, by?: number): void };
}

interface PromMetric {
  reset(): void;
}

/** Options of {@link breakerMetrics}. */
export interface BreakerMetricsOptions {
  /** prom-client: `import * as client from 'prom-client'`. */
  readonly client: PromClient;
  /** Where the metrics are registered. @default prom-client's own registry */
  readonly registers?: readonly object[];
  /** Which breakers are shown. @default those of `@Breaker` and `breakers.get` */
  readonly of?: () => readonly CircuitBreaker[];
}

/** The outcomes of calls that are counted, by the event that tells each. */
const OUTCOMES = [
  'success',
  'failure',
  'timeout',
  'reject',
  'fallback',
  'semaphoreLocked',
] as const;
const STATES: readonly BreakerSnapshot['state'][] = [
  ...(['closed', 'recovering', 'open', 'half-open', 'forced-open', 'forced-closed'] as const),
  ...(['shutdown', 'disabled'] as const),
];

/**
 * Registers the numbers of this process's breakers with prom-client: the state, whether the store can be reached, calls by outcome
 * (counted from the first time that the breaker is collected), and the work with the store.
 */
export function breakerMetrics({
  client,
  registers,
  of = breakers.all,
}: BreakerMetricsOptions): void {
  const where = registers && { registers };
  const make = <M>(Metric: new (options: never) => M, name: string, more: object): M =>
    new Metric({ name: `bulletproof_breaker_${name}`, ...more, ...where } as never);
  const calls = make(client.Counter, 'calls_total', {
    help: 'Calls by outcome; a timeout is a failure too',
    labelNames: ['breaker', 'outcome'],
  });
  const watched = new WeakSet<CircuitBreaker>();
  const watch = (breaker: CircuitBreaker): void => {
    if (watched.has(breaker)) return;
    watched.add(breaker);
    for (const outcome of OUTCOMES) {
      breaker.on(outcome, () => calls.inc({ breaker: breaker.name, outcome }));
    }
  };
  make(client.Gauge, 'state', {
    help: '1 for the state that the breaker has in this process',
    labelNames: ['breaker', 'state'],
    collect(this: { set(labels: object, value: number): void }) {
      for (const breaker of of()) {
        watch(breaker);
        const now = breaker.snapshot().state;
        for (const state of STATES)
          this.set({ breaker: breaker.name, state }, state === now ? 1 : 0);
      }
    },
  });
  make(client.Gauge, 'store_up', {
    help: '1 while the store can be reached, of breakers that share their state',
    labelNames: ['breaker'],
    collect(this: { set(labels: object, value: number): void }) {
      for (const { name, store } of of().map((breaker) => breaker.snapshot())) {
        if (store !== 'none') this.set({ breaker: name }, store === 'up' ? 1 : 0);
      }
    },
  });
  make(client.Gauge, 'store_operations', {
    help: 'What this process has asked and told the store since it began, by kind',
    labelNames: ['breaker', 'kind'],
    collect(this: { set(labels: object, value: number): void }) {
      for (const { name, counters } of of().map((breaker) => breaker.snapshot())) {
        for (const [kind, count] of Object.entries(counters))
          this.set({ breaker: name, kind }, count);
      }
    },
  });
  for (const breaker of of()) watch(breaker);
}
