export { assertNever } from './assert-never.js';
export { canonicalJson } from './canonical-json.js';
export { type Clock, type ClockTimer, systemClock } from './clock.js';
export { describeValue } from './describe-value.js';
export { digest, digestText } from './digest.js';
export { type Duration, MAX_DURATION_MS, toMs } from './duration.js';
export { type Listener, type ListenerErrorSink, TypedEmitter } from './emitter.js';
export {
  BulletproofError,
  type InvalidOption,
  InvalidOptionError,
  isBulletproofError,
} from './errors.js';
export {
  assertJsonValue,
  type JsonLimits,
  type JsonValue,
  MAX_JSON_DEPTH,
  NotJsonError,
  PayloadTooLargeError,
} from './json-value.js';
export { encodePart, type Keyspace, keyspace, TAG_COUNT } from './keyspace.js';
export { ManualClock } from './manual-clock.js';
export { nearestOf } from './nearest.js';
export {
  type Checked,
  type CrossRule,
  checkOptions,
  checkTogether,
  type Rule,
  type Rules,
  refuseOption,
} from './options.js';
export * as rule from './rules.js';
export { reviveError, type SerializedError, serializeError } from './serialized-error.js';
