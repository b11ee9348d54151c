// The public surface. Everything else may change without notice.
export type { Clock, Duration, ServerWarning } from '@bulletproof/kernel';
export {
  BulletproofError,
  InvalidOptionError,
  isBulletproofError,
  NotJsonError,
  PayloadTooLargeError,
} from '@bulletproof/kernel';
export * from './job/index.js';
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
export type { CallHandle, ResultOptions } from './runtime/handle.js';
export type { BulletproofOptions, WorkOptions } from './runtime/options.js';
export type { QueueControl } from './runtime/queue-control.js';
export type { QueueStatus } from './runtime/queue-port.js';
export type { BulletproofWorker, CloseOptions } from './runtime/worker-group.js';
