// What leaves the package. What only the runtime uses is in internal.ts.
export type { ScheduleInfo } from './book.js';
export { Schedule, type ScheduleDecorator } from './decorator.js';
export { DuplicateScheduleError, UnknownScheduleError, UnregisteredJobError } from './errors.js';
export type {
  ScheduleEvent,
  ScheduleEvents,
  ScheduleLateEvent,
  ScheduleSkippedEvent,
  ScheduleTickedEvent,
} from './events.js';
export type {
  AfterSchedule,
  CronSchedule,
  DeclaredScheduleOptions,
  EverySchedule,
  MisfirePolicy,
  OverlapPolicy,
  ScheduleOptions,
} from './options.js';
