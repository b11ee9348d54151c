import {
  keyspace,
  type RedisConnection,
  ScriptRunner,
  systemClock,
  type TypedEmitter,
} from '@bulletproof/kernel';
import type { Logger } from 'pino';
import { RedisScheduleStore, Service, type TickPort, Timekeeper } from '../../schedule/internal.js';
import type { AppEvents } from '../app-events.js';
import type { Schedules } from './schedules.js';
import { scheduleOfCall } from './template.js';

/** What a worker's part in the schedules works with. */
export interface KeepTimeParts {
  readonly connection: RedisConnection;
  readonly prefix: string;
  readonly schedules: Schedules;
  readonly port: TickPort;
  readonly events: TypedEmitter<AppEvents>;
  readonly logger: Logger;
}

/** A worker's part in the schedules of the app. */
export interface TimekeeperOfWorker {
  /** Brings the app's declared schedules in line, then begins to serve. */
  start(): Promise<void>;
  /** A schedule was made or changed. */
  poke(): void;
  close(): Promise<void>;
}

/** Puts it together. */
export function keepTime(parts: KeepTimeParts): TimekeeperOfWorker {
  const { connection, prefix, schedules, port, events, logger } = parts;
  const store = new RedisScheduleStore(new ScriptRunner(connection.port), keyspace(prefix));
  const listening: (() => void)[] = [];
  const keeper = new Timekeeper({
    store,
    service: new Service({ store, port, events, clock: systemClock }),
    clock: systemClock,
    random: Math.random,
    logger,
    onSchedules: () => {
      // Not before there is a schedule: a listener costs every job something.
      const tell = (call: { readonly id: string; readonly key?: string }): void => {
        const name = scheduleOfCall(call);
        if (name !== undefined) keeper.ended(name);
      };
      for (const name of ['job.completed', 'job.dead', 'job.cancelled'] as const) {
        listening.push(events.on(name, tell));
      }
    },
  });
  let isClosed = false;
  return {
    async start() {
      await schedules.reconcile(store);
      if (!isClosed) keeper.start();
    },
    poke: () => keeper.poke(),
    async close() {
      isClosed = true;
      for (const stop of listening.splice(0)) stop();
      await keeper.close();
    },
  };
}
