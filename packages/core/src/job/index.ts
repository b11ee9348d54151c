// What leaves the package. What only the runtime and the patterns use is in internal.ts.
export type { Call, NodeCall } from './call.js';
export type { CallOptions, StoredCallOptions } from './call-options.js';
export { checkCall } from './check-call.js';
export { JobContext } from './context.js';
export { Discard, isDiscard, isSnooze, retryAfterOf, Snooze } from './control.js';
export { Job } from './decorator.js';
export type {
  ContractJobDecorator,
  PlainJobDecorator,
  SchemaJobDecorator,
} from './decorator-types.js';
export { defineJob, implement } from './define.js';
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
} from './errors.js';
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
} from './events.js';
export { type JobsOf, jobsOf } from './jobs-of.js';
export type { Jsonified } from './jsonified.js';
export { copyJobMetadata } from './metadata.js';
export type { Parsed } from './method-types.js';
export type { Middleware } from './middleware.js';
export type { FlowNode, NodeMethods } from './node.js';
export type {
  BackoffOptions,
  EscalationStep,
  IdempotencyOptions,
  JobDefaults,
  JobOptions,
  PlainJobOptions,
  SchemaJobOptions,
} from './options.js';
export type { AnyJobReference, CallArguments, JobContract, JobReference } from './reference.js';
export type { Registrable } from './registry.js';
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
} from './run-errors.js';
export type { Schema, SchemaInput, SchemaIssue, SchemaOutput } from './schema.js';
