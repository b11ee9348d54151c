import type { EventEmitter } from 'node:events';
import type { Gate } from './gate/gate.js';
import type { Lease } from './gate/probing.js';
import type { ProbeOutcome } from './policy/probe.js';

/** What a probe needs of the breaker that makes it. */
export interface ProbingBreaker<Result> {
  readonly gate: Gate;
  readonly breaker: EventEmitter & { action: (...args: never[]) => unknown };
  /** opossum's own `call`, told that this one may pass. */
  call(): Promise<Result>;
  isOwnLimit(error: unknown): boolean;
  abort(): void;
  ended(outcome: ProbeOutcome): void;
}

/**
 * Makes the call that holds a lease, and settles the lease by how it ends. opossum runs the action within its synchronous `call`, so
 * that a replaced action tells whether the call got that far: one that a cache or the capacity stopped has told nothing.
 */
export function runProbe<Result>(probing: ProbingBreaker<Result>, lease: Lease): Promise<Result> {
  const { gate } = probing;
  const { clock } = gate.options;
  const startedAtMs = clock.monotonicMs();
  const settle = settleOnce(probing, lease);
  const timer = clock.setTimer(lease.deadlineMs - startedAtMs, () => {
    // Without a timeout of its own the call may go on; it is not waited for, so that the next probe can begin.
    void settle('failed');
    probing.abort();
  });
  const { started, failed, promise } = observed(probing);
  const end = async (): Promise<void> => {
    timer.cancel();
    const slow = clock.monotonicMs() - startedAtMs >= gate.options.slowMs;
    await settle(failed() || slow ? 'failed' : 'passed');
  };
  if (!started) {
    timer.cancel();
    void settle('abandoned');
    return promise;
  }
  return promise.then(
    async (result) => {
      await end();
      return result;
    },
    async (error: unknown) => {
      await end();
      throw error;
    },
  );
}

interface Observed<Result> {
  readonly started: boolean;
  failed(): boolean;
  readonly promise: Promise<Result>;
}

/** Runs the call; opossum tells a failure, also one that a fallback hides, with the very array of arguments that `fire` got. */
function observed<Result>({ breaker, ...probing }: ProbingBreaker<Result>): Observed<Result> {
  const { action } = breaker;
  let args: unknown;
  let started = false;
  let failed = false;
  const onFire = (fired: unknown): void => {
    args = fired;
  };
  const onFailure = (error: unknown, _latencyMs: number, of: unknown): void => {
    if (of !== args) return;
    breaker.off('failure', onFailure);
    if (!probing.isOwnLimit(error)) failed = true;
  };
  breaker.prependListener('fire', onFire);
  breaker.prependListener('failure', onFailure);
  breaker.action = function replaced(this: unknown, ...given: never[]): unknown {
    started = true;
    return action.apply(this, given);
  };
  let promise: Promise<Result>;
  try {
    promise = probing.call();
  } catch (error) {
    promise = Promise.reject(error);
  } finally {
    breaker.action = action;
    breaker.off('fire', onFire);
  }
  void promise.catch(() => {}).then(() => breaker.off('failure', onFailure));
  return { started, promise, failed: () => failed };
}

function settleOnce<Result>({ gate, ended }: ProbingBreaker<Result>, lease: Lease) {
  let settled: Promise<void> | undefined;
  return (outcome: ProbeOutcome): Promise<void> => {
    settled ??= Promise.resolve(gate.probing.settle(lease, outcome)).then(() => ended(outcome));
    return settled;
  };
}
