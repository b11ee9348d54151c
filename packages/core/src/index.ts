// The public surface. Everything else may change without notice.
export type { Clock, Duration, ServerWarning } from '@bulletproof/kernel';
export {
  BulletproofError,
  InvalidOptionError,
  isBulletproofError,
  NotJsonError,
  PayloadTooLargeError,
} from '@bulletproof/kernel';
export * from './flow/index.js';
export * from './job/index.js';
export type { AppEvents } from './runtime/app-events.js';
export { Bulletproof } from './runtime/bulletproof.js';
export type { CallState, CallStatus } from './runtime/call-status.js';
export type { DeadCall, DeadFilter, DeadListOptions, DeadSet } from './runtime/dead-set.js';
export type { DoctorRepair, DoctorReport } from './runtime/doctor/report.js';
export type { EnqueuedMany, RefusedCall } from './runtime/enqueue-many.js';
export {
  AppClosedError,
  CallIdConflictError,
  NotDeadError,
  RedisUnavailableError,
  ResultTimeoutError,
  ShutdownError,
  type UnavailableReason,
} from './runtime/errors.js';
export type { StartOptions } from './runtime/flows/flow-desk.js';
export type { FlowRun } from './runtime/flows/flow-run.js';
export type { FlowNodeState, FlowNodeStatus, FlowStatus } from './runtime/flows/flow-status.js';
export type { Flows } from './runtime/flows/flows.js';
export type { CallHandle, ResultOptions } from './runtime/handle.js';
export type { BulletproofOptions } from './runtime/options.js';
export type { QueueControl } from './runtime/queue-control.js';
export type { QueueStatus } from './runtime/queue-port.js';
export type { Schedules } from './runtime/schedules/schedules.js';
export type { LaneStatus, WorkerStatus } from './runtime/slots.js';
export type { BulletproofWorker, CloseOptions } from './runtime/worker-group.js';
export {
  type AfterSchedule,
  type CronSchedule,
  type DeclaredScheduleOptions,
  DuplicateScheduleError,
  type EverySchedule,
  type MisfirePolicy,
  type OverlapPolicy,
  Schedule,
  type ScheduleDecorator,
  type ScheduleEvent,
  type ScheduleEvents,
  type ScheduleInfo,
  type ScheduleLateEvent,
  type ScheduleOptions,
  type ScheduleSkippedEvent,
  type ScheduleTickedEvent,
  UnknownScheduleError,
  UnregisteredJobError,
} from './schedule/index.js';
export type { LaneOptions, WorkOptions } from './urgency/index.js';
