import { setMaxListeners } from 'node:events';
import {
  checkServer,
  classifyRedisError,
  type RedisConnection,
  rule,
  systemClock,
  TypedEmitter,
} from '@bulletproof/kernel';
import type { Flow } from '../flow/index.js';
import type { Call } from '../job/call.js';
import { type ComposedRun, compose, label } from '../job/internal.js';
import type { Middleware } from '../job/middleware.js';
import type { Registrable } from '../job/registry.js';
import type { ScheduleOptions } from '../schedule/options.js';
import { resolveWork, type WorkOptions } from '../urgency/index.js';
import type { AppEvents } from './app-events.js';
import { type Assembly, assemble } from './assembly.js';
import type { DeadSet } from './dead-set.js';
import type { DoctorReport } from './doctor/report.js';
import type { EnqueuedMany } from './enqueue-many.js';
import { AppClosedError } from './errors.js';
import type { StartOptions } from './flows/flow-desk.js';
import type { FlowRun } from './flows/flow-run.js';
import type { Flows } from './flows/flows.js';
import { CallHandle } from './handle.js';
import { logEvents } from './log-subscriber.js';
import { type BulletproofOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { QueueControl } from './queue-control.js';
import type { Schedules } from './schedules/schedules.js';
import { startWorker } from './start-worker.js';
import { type BulletproofWorker, type CloseOptions, closeDeadlineMs } from './worker-group.js';

/** The last moment there is, epoch ms. */
const MAX_TIME_MS = 8.64e15;

/** One application's dependable jobs: the place where everything is put together. */
export class Bulletproof {
  /** Events of this process, at most once; a listener that throws changes nothing. */
  readonly events: TypedEmitter<AppEvents>;
  /** The dead calls of the app. */
  readonly dead: DeadSet;
  /** The app's queues, for operators. */
  readonly queues: QueueControl;

  /** The app's schedules. */
  readonly schedules: Schedules;
  /** The app's flows. */
  readonly flows: Flows;

  readonly #options: ResolvedOptions;
  readonly #parts: Assembly;
  readonly #workers = new Set<BulletproofWorker>();
  readonly #closing = new AbortController();
  #middlewares: readonly Middleware[] = [];
  #composed: ComposedRun = compose([]);
  #closed: Promise<void> | undefined;

  /** @throws InvalidOptionError (`INVALID_OPTION`) when an option is unknown or wrong. */
  constructor(options: BulletproofOptions) {
    const resolved = resolveOptions(options);
    const { logger } = resolved;
    this.#options = resolved;
    setMaxListeners(0, this.#closing.signal);
    this.events = new TypedEmitter<AppEvents>((error, event) => {
      logger.error({ err: error, event }, 'a listener of an event threw');
    });
    logEvents(this.events, logger);
    this.#parts = assemble(resolved, this.events, (enqueued) => this.#handle(enqueued));
    this.queues = this.#parts.queues;
    this.dead = this.#parts.dead;
    this.schedules = this.#parts.schedules;
    this.flows = this.#parts.flows.open(this.#closing.signal);
  }

  /**
   * Takes jobs for running: instances that own `@Job` methods, or references from `defineJob`. All or none.
   * @throws NotAJobError, NoHandlerError, DuplicateJobError, DuplicateScheduleError, UnknownQueueError, InvalidOptionError
   */
  register(...items: readonly Registrable[]): this {
    const { registry, declarations } = this.#parts;
    declarations.take(items, () => registry.register(...items));
    return this;
  }

  /**
   * Wraps every run from now on; the first registered is the outermost.
   * @throws InvalidOptionError (`INVALID_OPTION`) for what is no function
   */
  use(...middlewares: readonly Middleware[]): this {
    middlewares.forEach((middleware, at) => {
      rule.callable<Middleware>()(middleware, `use[${at}]`);
    });
    this.#middlewares = [...this.#middlewares, ...middlewares];
    this.#composed = compose(this.#middlewares);
    return this;
  }

  /**
   * Enqueues one call. Never hangs: it is in the queue, or this throws within `enqueueTimeout`.
   * @throws RedisUnavailableError (`REDIS_UNAVAILABLE`) with the call to enqueue again, which is safe
   * @throws IdempotencyConflictError (`IDEMPOTENCY_CONFLICT`) when its key belongs to another input
   * @throws InvalidInputError, PayloadTooLargeError, UnknownJobError, UnknownQueueError, CallIdConflictError
   */
  async enqueue<I, R>(call: Call<I, R>): Promise<CallHandle<R>> {
    this.#assertOpen('enqueue()');
    return this.#handle<R>(await this.#parts.producer.enqueue(call));
  }

  /** Enqueues many calls in pages, reading the source no faster than Redis takes them. */
  async enqueueMany(calls: Iterable<Call> | AsyncIterable<Call>): Promise<EnqueuedMany> {
    this.#assertOpen('enqueueMany()');
    return this.#parts.many.enqueueMany(calls);
  }

  /**
   * Enqueues a call by the clock from now on; the same again changes nothing, another one of the name replaces it.
   * @param name 1 to 200 characters; it says which ticks are the same
   * @throws InvalidOptionError (`INVALID_OPTION`) for a wrong expression, time zone or policy, and an `every` below 1 s
   * @throws UnregisteredJobError (`UNREGISTERED_JOB`) when the call's job is not registered here
   * @throws DuplicateScheduleError (`DUPLICATE_SCHEDULE`) when a registered `@Schedule` has the name
   * @throws InvalidInputError, PayloadTooLargeError, UnknownQueueError, RedisUnavailableError
   */
  async schedule(name: string, options: ScheduleOptions, call: Call): Promise<void> {
    this.#assertOpen('schedule()');
    await this.#parts.schedules.add(name, options, call);
  }

  /**
   * Starts a flow: `flow(…)`, `chain(…)` or `parallel(…)`. The same id again starts nothing and gives the first run's handle.
   * @throws InvalidFlowError (`INVALID_FLOW`), FlowIdConflictError (`FLOW_ID_CONFLICT`), and what `enqueue` throws
   */
  async start<Results>(flow: Flow<Results>, options: StartOptions = {}): Promise<FlowRun<Results>> {
    this.#assertOpen('start()');
    return this.flows.start(flow, options);
  }

  /**
   * A handle to a call that was enqueued earlier, by any process.
   * @throws InvalidOptionError (`INVALID_OPTION`) for what can be no call's id
   */
  call<R = unknown>(id: string): CallHandle<R> {
    return this.#handle<R>({ id: label(id, 'call id'), queue: '', deduplicated: false });
  }

  /**
   * Starts a worker in this process; resolves when it fetches.
   * @throws InvalidOptionError (`INVALID_OPTION`) for a queue that the app does not have, and for reserves above `concurrency`
   */
  async work(options: WorkOptions = {}): Promise<BulletproofWorker> {
    this.#assertOpen('work()');
    const work = resolveWork(options, this.#options.queues);
    const { registry, signals, doctor, schedules, ticks, bounded, bullQueues } = this.#parts;
    const { worker, ready } = startWorker({
      options: this.#options,
      work,
      registry,
      events: this.events,
      signals,
      composed: () => this.#composed,
      onClosed: (closed) => this.#workers.delete(closed),
      doctor,
      bullQueues,
      schedules,
      ticks,
      flows: this.#parts.flows,
      oldestWaiting: (queue) => bounded.run(() => bullQueues.oldestWaiting(queue)),
      warnAbout: (connection) => this.#warnAbout(connection),
    });
    this.#workers.add(worker);
    await ready;
    return worker;
  }

  /**
   * Compares every open call that has an id or a key of its own with its delivery and mends what came apart, at once;
   * workers do the same about every half minute. May run at any time, anywhere, any number at once.
   * @throws RedisUnavailableError (`REDIS_UNAVAILABLE`); what was mended stays mended
   */
  async doctor(): Promise<DoctorReport> {
    this.#assertOpen('doctor()');
    const { bounded, doctor: own } = this.#parts;
    await bounded.run(async () => {}); // waits for the connection
    try {
      return await own.pass(MAX_TIME_MS, this.#closing.signal);
    } catch (error) {
      throw classifyRedisError(error) ? bounded.unavailable(error) : error;
    }
  }

  /**
   * Closes the workers, then everything else. Waiting handles are told so.
   * @throws InvalidOptionError (`INVALID_OPTION`); the app is then open as before
   */
  async close(options: CloseOptions = {}): Promise<void> {
    closeDeadlineMs(options);
    this.#closed ??= this.#close(options);
    return this.#closed;
  }

  async #close(options: CloseOptions): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close(options)));
    this.#closing.abort(new AppClosedError('result()'));
    await this.#parts.close();
  }

  #handle<R>(call: { id: string; queue: string; deduplicated: boolean }): CallHandle<R> {
    const parts = {
      calls: this.#parts.calls,
      queues: this.#parts.bullQueues,
      clock: systemClock,
      closing: this.#closing.signal,
    };
    return new CallHandle<R>(parts, call);
  }

  async #warnAbout(connection: RedisConnection): Promise<void> {
    for (const warning of await checkServer(connection)) {
      this.#options.logger.warn(warning, warning.message);
    }
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw new AppClosedError(operation);
  }
}
