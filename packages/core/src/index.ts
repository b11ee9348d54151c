// The public surface. Everything else may change without notice.
export type { Clock, Duration, ServerWarning } from '@bulletproof/kernel';
export {
  BulletproofError,
  InvalidOptionError,
  isBulletproofError,
  NotJsonError,
  PayloadTooLargeError,
} from '@bulletproof/kernel';
export type { Call } from './job/call.js';
export { checkCall } from './job/check-call.js';
export type { CallOptions, StoredCallOptions } from './job/call-options.js';
export { JobContext } from './job/context.js';
export { Discard, isDiscard, isSnooze, retryAfterOf, Snooze } from './job/control.js';
export { Job } from './job/decorator.js';
export type {
  ContractJobDecorator,
  PlainJobDecorator,
  SchemaJobDecorator,
} from './job/decorator-types.js';
export { defineJob, implement } from './job/define.js';
export {
  DuplicateHandlerError,
  DuplicateJobError,
  InvalidInputError,
  InvalidOutputError,
  NextCalledTwiceError,
  NoHandlerError,
  NotAJobError,
  UnknownJobError,
  UnknownQueueError,
} from './job/errors.js';
export type {
  JobCancelledEvent,
  JobCompletedEvent,
  JobDeadEvent,
  JobEnqueuedEvent,
  JobEvent,
  JobEvents,
  JobFailedEvent,
  JobRunEvent,
  JobSnoozedEvent,
} from './job/events.js';
export { type JobsOf, jobsOf } from './job/jobs-of.js';
export type { Jsonified } from './job/jsonified.js';
export { copyJobMetadata } from './job/metadata.js';
export type { Parsed } from './job/method-types.js';
export type { Middleware } from './job/middleware.js';
export type {
  BackoffOptions,
  IdempotencyOptions,
  JobDefaults,
  JobOptions,
  PlainJobOptions,
  SchemaJobOptions,
} from './job/options.js';
export type { AnyJobReference, CallArguments, JobContract, JobReference } from './job/reference.js';
export type { Registrable } from './job/registry.js';
export {
  DeliveryDiedError,
  DiscardedError,
  IdempotencyConflictError,
  JobCancelledError,
  JobExpiredError,
  JobFailedError,
  JobTimeoutError,
  LeaseLostError,
  PoisonJobError,
  ResultExpiredError,
  ResultNotStorableError,
  StepConflictError,
  SupersededError,
} from './job/run-errors.js';
export type { Schema, SchemaInput, SchemaIssue, SchemaOutput } from './job/schema.js';
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
