import {
  keyspace,
  type RedisConnection,
  ScriptRunner,
  systemClock,
  type TypedEmitter,
} from '@bulletproof/kernel';
import type { RecordStore } from '../idempotency/store.js';
import { RedisRecordStore } from '../idempotency/stores/redis.js';
import { JobRegistry } from '../job/internal.js';
import { RedisScheduleStore } from '../schedule/internal.js';
import { RedisWatchStore } from '../urgency/index.js';
import type { AppEvents } from './app-events.js';
import { Bounded } from './bounded.js';
import { BullQueues } from './bullmq/queues.js';
import { Calls } from './calls.js';
import { type AppConnection, connect } from './connections.js';
import { DeadSet } from './dead-set.js';
import { Doctor } from './doctor/doctor.js';
import { Repair } from './doctor/repair.js';
import { ManyProducer } from './enqueue-many.js';
import { type AppFlows, assembleFlows } from './flows/assembly.js';
import type { CallHandle } from './handle.js';
import type { ResolvedOptions } from './options.js';
import type { PrepareParts } from './prepare.js';
import { type Enqueued, Producer } from './producer.js';
import { QueueControl } from './queue-control.js';
import { Declarations } from './schedules/declarations.js';
import { Schedules } from './schedules/schedules.js';
import { CallTicks } from './schedules/tick-port.js';
import { Signals } from './signals.js';
import { watch } from './watch.js';

/** What a handle, the dead set and an explicit id's pointer outlive: records of calls that are still open. */
const SLACK_MS = 7 * 24 * 3_600_000;

/** What an app is made of besides its workers. */
export interface Assembly {
  readonly registry: JobRegistry;
  readonly declarations: Declarations;
  readonly connection: AppConnection;
  readonly store: RecordStore;
  readonly bullQueues: BullQueues;
  readonly signals: Signals;
  readonly producer: Producer;
  readonly many: ManyProducer;
  readonly calls: Calls;
  readonly bounded: Bounded;
  readonly doctor: Doctor;
  readonly dead: DeadSet;
  readonly queues: QueueControl;
  readonly schedules: Schedules;
  readonly ticks: CallTicks;
  readonly flows: AppFlows;
  /** Closes the connections. */
  readonly close: () => Promise<void>;
}

/** Puts an app together. */
export function assemble(
  options: ResolvedOptions,
  events: TypedEmitter<AppEvents>,
  handleOf: (enqueued: Enqueued) => CallHandle,
): Assembly {
  const { logger, prefix, queues: queueNames, defaults, lease: leaseMs } = options;
  const { keepResultFor: keepResultForMs, keepDeadFor: keepDeadForMs } = options;
  const clock = systemClock;
  const registry = new JobRegistry({ defaults, queues: queueNames });
  const connection = connect(options.redis, `${prefix}:producer`, 'fail-fast');
  let eventsConnection: AppConnection | undefined;
  const store = storeOn(options, connection);
  const bullQueues = new BullQueues({
    prefix: bullPrefixOn(options, connection),
    connection,
    eventsConnection: () => {
      eventsConnection ??= connect(options.redis, `${prefix}:events`, 'patient');
      return eventsConnection;
    },
    onError: (error) => logger.debug({ err: error }, 'a queue reported an error'),
  });
  const signals = new Signals(prefix);
  const bounded = new Bounded({
    clock,
    limitMs: options.enqueueTimeout,
    ready: () => connection.ready(),
    lastError: () => connection.lastError(),
  });
  const { maxPayloadBytes } = options;
  const prepare: PrepareParts = { registry, queueNames, clock, maxPayloadBytes };
  const shared = { store, queues: bullQueues, events, bounded, clock };
  const pointerTtlMs = keepDeadForMs + SLACK_MS;
  const scripts = new ScriptRunner(connection.port);
  const watched = new RedisWatchStore(scripts, keyspace(prefix));
  const producer = new Producer({
    ...prepare,
    ...shared,
    pointerTtlMs,
    watch: (delivery, afterMs) => watch(watched, delivery, afterMs),
  });
  const calls = new Calls({
    ...shared,
    queueNames,
    announceCancel: (id, reason) => signals.announceCancel(connection, { id, reason }),
    leaseMs,
    keepDeadForMs,
    keepResultForMs,
  });
  const repair = new Repair({ ...shared, leaseMs, keepResultForMs, keepDeadForMs });
  const declarations = new Declarations();
  const flows = assembleFlows({
    ...shared,
    options,
    connection,
    prefix: bullPrefixOn(options, connection),
    prepare,
    announceCancel: (id, reason) => signals.announceCancel(connection, { id, reason }),
  });
  return {
    registry,
    declarations,
    connection,
    store,
    bullQueues,
    signals,
    producer,
    many: new ManyProducer(prepare, producer, bullQueues),
    calls,
    bounded,
    doctor: new Doctor({ ...shared, repair, logger, flows: flows.doctor }),
    dead: new DeadSet({
      ...shared,
      handleOf: (id, queue) => handleOf({ id, queue, deduplicated: false }),
      anonymousTtlMs: keepDeadForMs,
      nowMs: () => clock.nowMs(),
    }),
    queues: new QueueControl(bullQueues, queueNames, bounded),
    schedules: new Schedules({
      prepare,
      registry,
      declarations,
      store: new RedisScheduleStore(new ScriptRunner(connection.port), keyspace(prefix)),
      producer,
      bounded,
      clock,
      handleOf,
      announce: () => {
        // A hint: without it the workers find out within seconds.
        signals.announceSchedules(connection).catch(() => {});
      },
    }),
    ticks: new CallTicks({ producer, store, calls, clock }),
    flows,
    async close() {
      await Promise.all([bullQueues.close(), flows.port.close()]);
      await Promise.all([connection.close(), eventsConnection?.close()]);
    },
  };
}

/** The records of calls, on one of the app's connections. */
export function storeOn({ prefix }: ResolvedOptions, connection: RedisConnection): RecordStore {
  return new RedisRecordStore(new ScriptRunner(connection.port), keyspace(prefix));
}

/** On Redis Cluster all queues of the app share one slot, because flows need it. */
export function bullPrefixOn({ prefix }: ResolvedOptions, connection: RedisConnection): string {
  return connection.isCluster && !prefix.startsWith('{') ? `{${prefix}}` : prefix;
}
