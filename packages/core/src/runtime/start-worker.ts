import {
  keyspace,
  type RedisConnection,
  ScriptRunner,
  systemClock,
  type TypedEmitter,
} from '@bulletproof/kernel';
import type { ComposedRun, JobRegistry } from '../job/internal.js';
import { bullIdToCallId } from '../job/internal.js';
import type { TickPort } from '../schedule/internal.js';
import { RedisWatchStore, type ResolvedWork } from '../urgency/index.js';
import type { AppEvents } from './app-events.js';
import { bullPrefixOn, storeOn } from './assembly.js';
import { BullWorker } from './bullmq/worker.js';
import { Cancellations } from './cancellations.js';
import { connect } from './connections.js';
import type { Doctor } from './doctor/doctor.js';
import { Rounds } from './doctor/rounds.js';
import { Turns } from './doctor/turns.js';
import { Escalator } from './escalator.js';
import { Execution } from './execute.js';
import { type AppFlows, flowRunsOn } from './flows/assembly.js';
import { Leases } from './leases.js';
import type { ResolvedOptions } from './options.js';
import type { QueuePort } from './queue-port.js';
import { keepTime } from './schedules/keep-time.js';
import type { Schedules } from './schedules/schedules.js';
import { Settle } from './settle.js';
import type { Signals } from './signals.js';
import { balance, statusOfWorker } from './slots.js';
import { BulletproofWorker } from './worker-group.js';

/** What a worker is started with. */
export interface StartWorkerParts {
  readonly options: ResolvedOptions;
  readonly work: ResolvedWork;
  readonly registry: JobRegistry;
  readonly events: TypedEmitter<AppEvents>;
  readonly signals: Signals;
  readonly composed: () => ComposedRun;
  readonly onClosed: (worker: BulletproofWorker) => void;
  readonly doctor: Doctor;
  /** The app's queues, to move calls between them. */
  readonly bullQueues: QueuePort;
  /** How long the longest waiting call of a queue has waited, ms; undefined when none waits. */
  readonly oldestWaiting: (queue: string) => Promise<number | undefined>;
  readonly schedules: Schedules;
  readonly ticks: TickPort;
  readonly flows: AppFlows;
  readonly warnAbout: (connection: RedisConnection) => Promise<void>;
}

/** Puts a worker together: its connections, its leases, and one BullMQ worker a queue. `ready` resolves when all fetch. */
export function startWorker(parts: StartWorkerParts): {
  readonly worker: BulletproofWorker;
  readonly ready: Promise<void>;
} {
  const { options, registry, events, signals } = parts;
  const { logger, prefix, lease: leaseMs } = options;
  const connection = connect(options.redis, `${prefix}:worker`, 'patient');
  const subscriber = connect(options.redis, `${prefix}:signals`, 'patient');
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'a worker reported an error');
  };
  const store = storeOn(options, connection);
  const leases = new Leases({ leaseMs, clock: systemClock, store, logger });
  const cancellations = new Cancellations(systemClock);
  const settle = new Settle({
    store,
    events,
    logger,
    clock: systemClock,
    random: Math.random,
    keepResultForMs: options.keepResultFor,
    keepDeadForMs: options.keepDeadFor,
    maxPayloadBytes: options.maxPayloadBytes,
  });
  const execution = new Execution({
    ...flowRunsOn({
      options,
      connection,
      records: store,
      settle,
      events,
      flows: parts.flows,
      cancellations,
    }),
    registry,
    store,
    leases,
    settle,
    cancellations,
    events,
    logger,
    clock: systemClock,
    composed: parts.composed,
    maxCrashes: options.maxCrashes,
    maxPayloadBytes: options.maxPayloadBytes,
    anonymousTtlMs: options.keepDeadFor,
  });
  const { lanes, spare } = parts.work;
  const workers = lanes.map(
    ({ queue, reserve }) =>
      new BullWorker({
        prefix: bullPrefixOn(options, connection),
        connection,
        queue,
        concurrency: reserve,
        leaseMs,
        keepCompletedForMs: options.keepResultFor,
        keepFailedForMs: options.keepDeadFor,
        execute: (fetched, lock, worker) => execution.execute(fetched, lock, worker),
        onError,
        onStalled: (name, bullId) => {
          logger.warn({ queue: name, bullId }, 'a worker went away; its call goes on');
          events.emit('job.stalled', { id: bullIdToCallId(bullId), name: '', queue: name });
        },
      }),
  );
  const balancer = balance(lanes, workers, spare);
  const turns = new Turns(connection.port, prefix);
  const rounds = new Rounds({
    doctor: parts.doctor,
    takeTurn: (everyMs) => turns.take(everyMs),
    clock: systemClock,
    random: Math.random,
    logger,
  });
  const escalator = new Escalator({
    registry,
    queueNames: options.queues,
    watched: new RedisWatchStore(new ScriptRunner(connection.port), keyspace(prefix)),
    store,
    queues: parts.bullQueues,
    clock: systemClock,
    random: Math.random,
    logger,
  });
  const keeper = keepTime({
    connection,
    prefix,
    schedules: parts.schedules,
    port: parts.ticks,
    events,
    logger,
  });
  const group: BulletproofWorker = new BulletproofWorker({
    workers,
    status: () => statusOfWorker(balancer, parts.oldestWaiting),
    leases,
    cancellations,
    clock: systemClock,
    logger,
    onClosed: async () => {
      parts.onClosed(group);
      await Promise.all([rounds.close(), keeper.close(), escalator.close()]);
      await Promise.all([connection.close(), subscriber.close()]);
    },
  });
  const listening = signals.listen(subscriber, {
    onCancel: ({ id, reason }) => group.cancelled(id, reason),
    onSchedules: () => keeper.poke(),
  });
  const ready = Promise.all([...workers.map((worker) => worker.ready()), listening]).then(() => {
    parts.warnAbout(connection).catch(onError);
    return keeper.start();
  });
  return { worker: group, ready };
}
