// What only the runtime and the patterns use; none of it leaves the package.
export { backoffDelay, type ResolvedBackoff } from './backoff.js';
export { bullIdToCallId, callIdToBullId } from './bull-id.js';
export { type Call, type CallFacts, callFacts, createCall, parseCall } from './call.js';
export {
  checkJobDefaults,
  type DeclaredDefaults,
  type DeclaredOptions,
  isLabel,
  LABEL,
  label,
} from './check-options.js';
export { decoratedMethod } from './decorated-method.js';
export { handlerOf } from './define.js';
export type { JobDefinition, JobHandler, JobOwner } from './definition.js';
export { definitionsOfInstance } from './jobs-of.js';
export { classNameOf, methodNamesOf } from './metadata.js';
export { methodNoteOf, readMethodNote, writeMethodNote } from './method-notes.js';
export { type ComposedRun, compose } from './middleware.js';
export { referenceTo, referredBy } from './reference.js';
export { JobRegistry, type KnownJob, type RegisteredJob } from './registry.js';
export { type AppOptions, type ResolvedJobOptions, resolveJobOptions } from './resolve.js';
export { idempotencyKeyOf, queueOf } from './routing.js';
export { validateInput, validateOutput } from './validate.js';
