import { assertJsonValue, refuseOption } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import { NotInFlowError } from '../flow/errors.js';
import type { RecordStore } from '../idempotency/store.js';
import { JobContext } from '../job/context.js';
import type { Jsonified } from '../job/jsonified.js';
import { StepConflictError } from '../job/run-errors.js';
import type { FlowPlace } from './delivery.js';
import type { Leases } from './leases.js';
import type { Run } from './run.js';
import { storableJson } from './storable.js';

const MAX_STEP_NAME = 200;

/** Gives the result of a node upstream: of a reference to its job, or of its name. */
export type ResultOf = (
  place: FlowPlace,
  wanted: { readonly name: string } | string,
) => Promise<unknown>;

/** What a run's context works with. */
export interface JobContextParts {
  readonly run: Run;
  readonly store: RecordStore;
  readonly leases: Leases;
  readonly logger: Logger;
  /** JSON of the steps that earlier attempts recorded, by name; '' stands for undefined. */
  readonly steps: ReadonlyMap<string, string>;
  readonly maxPayloadBytes: number;
  /** Writes again and again while Redis cannot take it. */
  readonly persist: <T>(write: () => Promise<T>) => Promise<T>;
  readonly resultOf: ResultOf;
}

/** The context of one run; every write through it is refused once the run no longer holds its call. */
export class RunContext extends JobContext {
  readonly #parts: JobContextParts;
  /** Made by the first step. */
  #started: Set<string> | undefined;
  #log: Logger | undefined;

  constructor(parts: JobContextParts) {
    super();
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.run.ref.id;
  }

  get name(): string {
    return this.#parts.run.fetched.name;
  }

  get queue(): string {
    return this.#parts.run.fetched.queue;
  }

  get attempt(): number {
    return this.#parts.run.fetched.attemptsMade + 1;
  }

  get maxAttempts(): number {
    return this.#parts.run.fetched.maxAttempts;
  }

  get idempotencyKey(): string | undefined {
    const { fetched, undone } = this.#parts.run;
    const { idempotencyKey: key } = fetched.delivery;
    // What was undone is another effect the next time: a provider must not replay the first one.
    return key === undefined || undone === 0 ? key : `${key}~${undone + 1}`;
  }

  get fencingToken(): number {
    return this.#parts.run.token;
  }

  get signal(): AbortSignal {
    return this.#parts.run.signal;
  }

  /** Made on first use: a handler that logs nothing pays nothing. */
  get log(): Logger {
    const { flow } = this.#parts.run.fetched.delivery;
    this.#log ??= this.#parts.logger.child({
      job: this.name,
      callId: this.id,
      queue: this.queue,
      attempt: this.attempt,
      ...(this.idempotencyKey === undefined ? {} : { key: this.idempotencyKey }),
      ...(flow === undefined ? {} : { flow: flow.id, node: flow.node }),
    });
    return this.#log;
  }

  override async resultOf(wanted: { readonly name: string } | string): Promise<never> {
    const { run, resultOf } = this.#parts;
    const { flow } = run.fetched.delivery;
    if (!flow) throw new NotInFlowError(this.name);
    return (await resultOf(flow, wanted)) as never;
  }

  async progress(value: unknown): Promise<void> {
    const { run, maxPayloadBytes } = this.#parts;
    run.assertHolds();
    assertJsonValue(value, { maxBytes: maxPayloadBytes, where: 'job.progress' });
    await run.fetched.progress(value);
  }

  async step<T>(name: string, fn: () => T): Promise<Jsonified<Awaited<T>>> {
    const { run, store, steps, persist } = this.#parts;
    if (typeof name !== 'string' || name.length === 0 || name.length > MAX_STEP_NAME) {
      refuseOption('job.step name', `text of 1 to ${MAX_STEP_NAME} characters`, name);
    }
    this.#started ??= new Set();
    if (this.#started.has(name)) throw new StepConflictError(this.name, name);
    // Checked before the effect, on this process's clock: a run that overslept its lease must not act.
    run.assertHolds();
    this.#started.add(name);

    const recorded = steps.get(name);
    if (recorded !== undefined) return fromJson(recorded) as Jsonified<Awaited<T>>;

    const value = await fn();
    run.assertHolds();
    const json = this.#storable(name, value);
    // Its effect has happened: as long as the run holds its call, no trouble with Redis may make another attempt of it.
    const reply = await persist(async () => {
      run.assertHolds();
      return store.step(run.ref, name, json, run.leaseLeftMs);
    });
    if (reply.tag === 'lost') {
      const error = run.lost();
      run.fenceOff('lease-lost', error);
      throw error;
    }
    run.tracked = true;
    run.assertHolds();
    return fromJson(json ?? '') as Jsonified<Awaited<T>>;
  }

  #storable(step: string, value: unknown): string | undefined {
    const { run, maxPayloadBytes } = this.#parts;
    try {
      return storableJson(value, { job: this.name, step, maxBytes: maxPayloadBytes });
    } catch (error) {
      // The effect has happened and cannot be remembered: another attempt would repeat it.
      if (error instanceof Error) run.fatal = error;
      throw error;
    }
  }

  async heartbeat(): Promise<void> {
    const { run, leases } = this.#parts;
    run.assertHolds();
    await leases.renew([run]);
    run.assertHolds();
  }
}

function fromJson(json: string): unknown {
  return json === '' ? undefined : JSON.parse(json);
}
