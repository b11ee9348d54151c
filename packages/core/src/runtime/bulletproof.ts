import { setMaxListeners } from 'node:events';
import {
  checkServer,
  classifyRedisError,
  keyspace,
  type RedisConnection,
  rule,
  ScriptRunner,
  systemClock,
  TypedEmitter,
} from '@bulletproof/kernel';
import type { RecordStore } from '../idempotency/store.js';
import { RedisRecordStore } from '../idempotency/stores/redis.js';
import type { Call } from '../job/call.js';
import type { JobEvents } from '../job/events.js';
import { type ComposedRun, compose, JobRegistry, label } from '../job/internal.js';
import type { Middleware } from '../job/middleware.js';
import type { Registrable } from '../job/registry.js';
import { Bounded } from './bounded.js';
import { BullQueues } from './bullmq/queues.js';
import { Calls } from './calls.js';
import { type AppConnection, connect } from './connections.js';
import { DeadSet } from './dead-set.js';
import { Doctor } from './doctor/doctor.js';
import { Repair } from './doctor/repair.js';
import type { DoctorReport } from './doctor/report.js';
import { type EnqueuedMany, ManyProducer } from './enqueue-many.js';
import { AppClosedError } from './errors.js';
import { CallHandle } from './handle.js';
import { logEvents } from './log-subscriber.js';
import {
  type BulletproofOptions,
  type ResolvedOptions,
  resolveOptions,
  resolveWork,
  type WorkOptions,
} from './options.js';
import type { PrepareParts } from './prepare.js';
import { Producer } from './producer.js';
import { QueueControl } from './queue-control.js';
import { Signals } from './signals.js';
import { startWorker } from './start-worker.js';
import { type BulletproofWorker, type CloseOptions, closeDeadlineMs } from './worker-group.js';

/** What a handle, the dead set and an explicit id's pointer outlive: records of calls that are still open. */
const SLACK_MS = 7 * 24 * 3_600_000;
/** The last moment there is, epoch ms. */
const MAX_TIME_MS = 8.64e15;

/** One application's dependable jobs: the place where everything is put together. */
export class Bulletproof {
  /** Events of this process, at most once; a listener that throws changes nothing. */
  readonly events: TypedEmitter<JobEvents>;
  /** The dead calls of the app. */
  readonly dead: DeadSet;
  /** The app's queues, for operators. */
  readonly queues: QueueControl;

  readonly #options: ResolvedOptions;
  readonly #registry: JobRegistry;
  readonly #producerConnection: AppConnection;
  #eventsConnection: AppConnection | undefined;
  readonly #store: RecordStore;
  readonly #bullQueues: BullQueues;
  readonly #signals: Signals;
  readonly #producer: Producer;
  readonly #many: ManyProducer;
  readonly #calls: Calls;
  readonly #bounded: Bounded;
  readonly #doctor: Doctor;
  readonly #workers = new Set<BulletproofWorker>();
  readonly #closing = new AbortController();
  #middlewares: readonly Middleware[] = [];
  #composed: ComposedRun = compose([]);
  #closed: Promise<void> | undefined;

  /** @throws InvalidOptionError (`INVALID_OPTION`) when an option is unknown or wrong. */
  constructor(options: BulletproofOptions) {
    const resolved = resolveOptions(options);
    const { logger, prefix, queues: queueNames, defaults } = resolved;
    this.#options = resolved;
    setMaxListeners(0, this.#closing.signal);
    this.events = new TypedEmitter<JobEvents>((error, event) => {
      logger.error({ err: error, event }, 'a listener of an event threw');
    });
    logEvents(this.events, logger);
    this.#registry = new JobRegistry({ defaults, queues: queueNames });

    const connection = connect(resolved.redis, `${prefix}:producer`, 'fail-fast');
    this.#producerConnection = connection;
    this.#store = this.#storeOn(connection);
    const bullPrefix = this.#bullPrefix(connection);
    this.#bullQueues = new BullQueues({
      prefix: bullPrefix,
      connection,
      eventsConnection: () => {
        this.#eventsConnection ??= connect(resolved.redis, `${prefix}:events`, 'patient');
        return this.#eventsConnection;
      },
      onError: (error) => logger.debug({ err: error }, 'a queue reported an error'),
    });
    this.#signals = new Signals(prefix);

    const bounded = new Bounded({
      clock: systemClock,
      limitMs: resolved.enqueueTimeout,
      ready: () => connection.ready(),
      lastError: () => connection.lastError(),
    });
    this.#bounded = bounded;
    const prepare: PrepareParts = {
      registry: this.#registry,
      queueNames,
      clock: systemClock,
      maxPayloadBytes: resolved.maxPayloadBytes,
    };
    this.#producer = new Producer({
      ...prepare,
      store: this.#store,
      queues: this.#bullQueues,
      events: this.events,
      bounded,
      pointerTtlMs: resolved.keepDeadFor + SLACK_MS,
    });
    this.#many = new ManyProducer(prepare, this.#producer, this.#bullQueues);
    this.#calls = new Calls({
      bounded,
      store: this.#store,
      queues: this.#bullQueues,
      queueNames,
      events: this.events,
      announceCancel: (id, reason) => this.#signals.announceCancel(connection, { id, reason }),
      leaseMs: resolved.lease,
      keepDeadForMs: resolved.keepDeadFor,
      keepResultForMs: resolved.keepResultFor,
      clock: systemClock,
    });
    this.#doctor = new Doctor({
      store: this.#store,
      queues: this.#bullQueues,
      repair: new Repair({
        store: this.#store,
        queues: this.#bullQueues,
        events: this.events,
        leaseMs: resolved.lease,
        keepResultForMs: resolved.keepResultFor,
        keepDeadForMs: resolved.keepDeadFor,
      }),
      logger,
      clock: systemClock,
    });
    this.queues = new QueueControl(this.#bullQueues, queueNames, bounded);
    this.dead = new DeadSet({
      bounded,
      store: this.#store,
      queues: this.#bullQueues,
      handleOf: (id, queue) => this.#handle({ id, queue, deduplicated: false }),
      anonymousTtlMs: resolved.keepDeadFor,
      nowMs: () => systemClock.nowMs(),
    });
  }

  /**
   * Takes jobs for running: instances that own `@Job` methods, or references from `defineJob`. All or none.
   * @throws NotAJobError, NoHandlerError, DuplicateJobError, UnknownQueueError, InvalidOptionError
   */
  register(...items: readonly Registrable[]): this {
    this.#registry.register(...items);
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
    return this.#handle<R>(await this.#producer.enqueue(call));
  }

  /** Enqueues many calls in pages, reading the source no faster than Redis takes them. */
  async enqueueMany(calls: Iterable<Call> | AsyncIterable<Call>): Promise<EnqueuedMany> {
    this.#assertOpen('enqueueMany()');
    return this.#many.enqueueMany(calls);
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
   * @throws InvalidOptionError (`INVALID_OPTION`) for a queue that the app does not have
   */
  async work(options: WorkOptions = {}): Promise<BulletproofWorker> {
    this.#assertOpen('work()');
    const queues = resolveWork(options, this.#options.queues);
    const { worker, ready } = startWorker({
      options: this.#options,
      queues,
      registry: this.#registry,
      events: this.events,
      signals: this.#signals,
      composed: () => this.#composed,
      storeOn: (connection) => this.#storeOn(connection),
      bullPrefix: (connection) => this.#bullPrefix(connection),
      onClosed: (closed) => this.#workers.delete(closed),
      doctor: this.#doctor,
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
    await this.#bounded.run(async () => {}); // waits for the connection
    try {
      return await this.#doctor.pass(MAX_TIME_MS, this.#closing.signal);
    } catch (error) {
      throw classifyRedisError(error) ? this.#bounded.unavailable(error) : error;
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
    await this.#bullQueues.close();
    await Promise.all([this.#producerConnection.close(), this.#eventsConnection?.close()]);
  }

  #handle<R>(call: { id: string; queue: string; deduplicated: boolean }): CallHandle<R> {
    const parts = {
      calls: this.#calls,
      queues: this.#bullQueues,
      clock: systemClock,
      closing: this.#closing.signal,
    };
    return new CallHandle<R>(parts, call);
  }

  #storeOn(connection: RedisConnection): RecordStore {
    const scripts = new ScriptRunner(connection.port);
    return new RedisRecordStore(scripts, keyspace(this.#options.prefix));
  }

  /** On Redis Cluster all queues of the app share one slot, because flows need it. */
  #bullPrefix(connection: RedisConnection): string {
    const { prefix } = this.#options;
    return connection.isCluster && !prefix.startsWith('{') ? `{${prefix}}` : prefix;
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
