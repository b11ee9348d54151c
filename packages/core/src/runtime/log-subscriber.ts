import { serializeError, type TypedEmitter } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { AppEvents } from './app-events.js';

const LEVELS = {
  'job.enqueued': 'debug',
  'job.deduplicated': 'debug',
  'job.started': 'debug',
  'job.completed': 'debug',
  'job.failed': 'warn',
  'job.dead': 'error',
  'job.snoozed': 'info',
  'job.cancelled': 'info',
  'job.stalled': 'warn',
  'schedule.ticked': 'debug',
  'schedule.late': 'warn',
  'schedule.skipped': 'info',
  'flow.started': 'debug',
  'flow.completed': 'debug',
  'flow.failed': 'error',
  'flow.compensated': 'warn',
  'flow.cancelled': 'info',
} as const satisfies Record<keyof AppEvents, string>;

/** What any event may carry that a log line says in its own way; results are not logged. */
interface Told {
  readonly id: string;
  readonly name: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Writes every event as a log line, when its level is on; logs are a subscriber like any other. */
export function logEvents(events: TypedEmitter<AppEvents>, logger: Logger): void {
  for (const event of Object.keys(LEVELS) as (keyof AppEvents)[]) {
    const level = LEVELS[event];
    if (!logger.isLevelEnabled(level)) continue;
    events.on(event, (payload) => {
      const { id, name, result: _result, error, ...fields } = payload as Told;
      const line = { event, callId: id, job: name, ...fields };
      logger[level](error === undefined ? line : { ...line, err: serializeError(error) }, event);
    });
  }
}
