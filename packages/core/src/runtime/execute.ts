import type { Clock, TypedEmitter } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { ClaimReply, RecordStore, RunRef } from '../idempotency/store.js';
import type { JobEvents } from '../job/events.js';
import {
  type ComposedRun,
  type JobRegistry,
  type RegisteredJob,
  validateInput,
  validateOutput,
} from '../job/internal.js';
import {
  JobCancelledError,
  JobExpiredError,
  JobTimeoutError,
  PoisonJobError,
} from '../job/run-errors.js';
import type { Cancellations } from './cancellations.js';
import type { FlowPlace } from './delivery.js';
import type { FlowRuns } from './flows/flow-runs.js';
import { callAddress } from './identity.js';
import { type ResultOf, RunContext } from './job-context.js';
import type { Leases } from './leases.js';
import type { FetchedDelivery, Outcome, QueueWorkerPort } from './queue-port.js';
import { Run } from './run.js';
import type { Settle } from './settle.js';

/** How long a delivery of an unknown job waits for a worker that knows it (a rolling deploy). */
const PARK_MS = 60_000;
/** Shortest wait for another holder's lease, so that a delivery never spins. */
const MIN_HELD_MS = 50;

/** What an execution works with. */
export interface ExecuteParts {
  readonly registry: JobRegistry;
  readonly store: RecordStore;
  readonly leases: Leases;
  readonly settle: Settle;
  readonly cancellations: Cancellations;
  readonly flows: FlowRuns;
  readonly resultOf: ResultOf;
  readonly events: TypedEmitter<JobEvents>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** All middlewares as one function, as registered by now. */
  readonly composed: () => ComposedRun;
  readonly maxCrashes: number;
  readonly maxPayloadBytes: number;
  /** Life of an anonymous call's record, ms. */
  readonly anonymousTtlMs: number;
}

/**
 * Runs one fetched delivery: claim where the record must be asked, the handler inside the middlewares, then the
 * transition that the outcome needs, and only then the outcome for the queue. Never throws.
 */
export class Execution {
  readonly #parts: ExecuteParts;

  constructor(parts: ExecuteParts) {
    this.#parts = parts;
  }

  async execute(fetched: FetchedDelivery, lock: string, worker: QueueWorkerPort): Promise<Outcome> {
    const { registry, leases, logger } = this.#parts;
    const run = this.#newRun(fetched, lock);
    if (run.isLeaseOver) return { kind: 'gone' };
    const job = registry.get(fetched.name);
    leases.add(run, worker);
    try {
      if (!job) return await this.#park(run);
      return await this.#run(run, job);
    } catch (error) {
      // Only a transition that Redis refused comes here. The delivery stays with its lock and goes on elsewhere
      // when that ends; saying anything else to the queue could lose it.
      logger.error(
        { err: error, callId: run.ref.id, job: fetched.name },
        'an outcome was not recorded',
      );
      return { kind: 'gone' };
    } finally {
      leases.remove(run);
    }
  }

  /** No promise of its own on the way that nearly every delivery takes: it is asked for nothing that it knows. */
  #run(run: Run, job: RegisteredJob): Promise<Outcome> {
    const { delivery, starts } = run.fetched;
    if (delivery.flow) return this.#inFlow(run, job, delivery.flow);
    const mustAsk = delivery.ask || starts > 1 || this.#parts.cancellations.has(run.ref.id);
    return mustAsk ? this.#claim(run, job) : this.#start(run, job, NO_STEPS);
  }

  async #inFlow(run: Run, job: RegisteredJob, place: FlowPlace): Promise<Outcome> {
    const { flows } = this.#parts;
    const begun = await flows.begin(run, place);
    if ('outcome' in begun) return begun.outcome;
    const outcome = begun.ask ? this.#claim(run, job) : this.#start(run, job, NO_STEPS);
    return flows.end(run, place, await outcome);
  }

  async #claim(run: Run, job: RegisteredJob): Promise<Outcome> {
    const { settle, store } = this.#parts;
    const claimed = await settle.persist(run, () => store.claim(run.ref, run.leaseLeftMs));
    if (claimed.tag !== 'claimed') return this.#refused(run, claimed);
    run.hold(claimed);
    return this.#start(run, job, pairs(claimed.steps));
  }

  #start(run: Run, job: RegisteredJob, steps: ReadonlyMap<string, string>): Promise<Outcome> {
    const { settle, maxCrashes } = this.#parts;
    const { fetched } = run;
    if (fetched.stalls >= maxCrashes) {
      return settle.bury(run, new PoisonJobError(fetched.name, run.ref.id, fetched.stalls));
    }
    if (fetched.starts - fetched.parks === 1 && this.#isExpired(run)) return this.#expired(run);
    return this.#attempt(run, job, steps);
  }

  async #attempt(
    run: Run,
    job: RegisteredJob,
    steps: ReadonlyMap<string, string>,
  ): Promise<Outcome> {
    const { events, settle, clock, leases, store, logger, maxPayloadBytes } = this.#parts;
    const { fetched } = run;
    const startedAt = clock.monotonicMs();
    const context = new RunContext({
      run,
      store,
      leases,
      logger,
      steps,
      maxPayloadBytes,
      persist: (write) => settle.persist(run, write),
      resultOf: this.#parts.resultOf,
    });
    if (events.has('job.started')) events.emit('job.started', settle.runEvent(run));
    const timeoutMs = fetched.delivery.timeoutMs ?? job.resolved.timeoutMs;
    const timer =
      timeoutMs === undefined
        ? undefined
        : clock.setTimer(timeoutMs, () => {
            run.fenceOff('timeout', new JobTimeoutError(fetched.name, run.ref.id, timeoutMs));
          });
    try {
      const value = await run.race(this.#handle(run, job, context));
      // A return after the lease ended on our clock is still offered to the record: its token decides.
      run.recording = true;
      const outcome = settle.complete(run, job, value, startedAt);
      return outcome instanceof Promise ? await outcome : outcome;
    } catch (error) {
      if (run.recording) throw error;
      return await settle.fail(run, job, error, clock.monotonicMs() - startedAt);
    } finally {
      timer?.cancel();
    }
  }

  async #handle(run: Run, job: RegisteredJob, context: RunContext): Promise<unknown> {
    const { definition, handler } = job;
    const validated = orFatal(run, () => validateInput(definition, run.fetched.delivery.input));
    const input = validated instanceof Promise ? await validated : validated;
    const value = await this.#parts.composed()(context, () => handler(input, context));
    return orFatal(run, () => validateOutput(definition, value));
  }

  #refused(run: Run, reply: Exclude<ClaimReply, { tag: 'claimed' }>): Outcome {
    const { events, settle } = this.#parts;
    const { fetched } = run;
    switch (reply.tag) {
      case 'held':
        return { kind: 'later', delayMs: Math.max(MIN_HELD_MS, reply.leaseLeftMs) };
      case 'done':
        return {
          kind: 'completed',
          value: reply.result === undefined ? undefined : JSON.parse(reply.result),
        };
      case 'cancelled':
        events.emit('job.cancelled', {
          ...settle.runEvent(run),
          ...(reply.reason === undefined ? {} : { reason: reply.reason }),
        });
        return {
          kind: 'dead',
          error: new JobCancelledError(fetched.name, run.ref.id, reply.reason),
        };
      case 'dead':
      case 'superseded':
        return { kind: 'dead', error: run.lost() };
      case 'stale':
        return { kind: 'gone' };
    }
  }

  #isExpired(run: Run): boolean {
    const { expiresAtMs } = run.fetched.delivery;
    return expiresAtMs !== undefined && this.#parts.clock.nowMs() >= expiresAtMs;
  }

  #expired(run: Run): Promise<Outcome> {
    const { name, delivery } = run.fetched;
    const allowedMs = (delivery.expiresAtMs ?? 0) - delivery.enqueuedAtMs;
    return this.#parts.settle.bury(run, new JobExpiredError(name, run.ref.id, allowedMs));
  }

  async #park(run: Run): Promise<Outcome> {
    const { logger } = this.#parts;
    if (this.#isExpired(run)) return this.#expired(run);
    logger.warn(
      { job: run.fetched.name, callId: run.ref.id, queue: run.fetched.queue, retryInMs: PARK_MS },
      'no handler is registered for this job here: it is parked until a worker that knows it comes',
    );
    return { kind: 'parked', delayMs: PARK_MS };
  }

  #newRun(fetched: FetchedDelivery, lock: string): Run {
    const { clock, leases, anonymousTtlMs } = this.#parts;
    const { delivery } = fetched;
    const recorded = delivery.address !== undefined;
    const ref: RunRef = {
      address: delivery.address ?? callAddress(delivery.flow?.record ?? delivery.id),
      id: delivery.id,
      digest: delivery.digest ?? '',
      queue: fetched.queue,
      generation: delivery.generation,
      start: fetched.starts,
      // An anonymous call was never given a token: the first one comes from the time of its enqueue.
      token: delivery.token ?? delivery.enqueuedAtMs * 1000,
      ttlMs: recorded ? 0 : anonymousTtlMs,
    };
    return new Run({ fetched, lock, ref, tracked: recorded, leaseMs: leases.leaseMs, clock });
  }
}

/** An error in here ends the call: another attempt would meet it again, or repeat an effect. */
function orFatal(run: Run, validate: () => unknown): unknown {
  const fatal = (error: unknown): never => {
    if (error instanceof Error) run.fatal = error;
    throw error;
  };
  try {
    const validated = validate();
    return validated instanceof Promise ? validated.catch(fatal) : validated;
  } catch (error) {
    return fatal(error);
  }
}

const NO_STEPS: ReadonlyMap<string, string> = new Map();

function pairs(flat: readonly string[]): ReadonlyMap<string, string> {
  if (flat.length === 0) return NO_STEPS;
  const map = new Map<string, string>();
  for (let at = 0; at + 1 < flat.length; at += 2) map.set(flat[at] ?? '', flat[at + 1] ?? '');
  return map;
}
