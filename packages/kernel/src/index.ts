export { assertNever } from './assert-never.js';
export { canonicalJson } from './canonical-json.js';
export { type Clock, type ClockTimer, systemClock } from './clock.js';
export { type DecoratedMethod, decoratedMethod } from './decorated-method.js';
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
export {
  type OpenRedisOptions,
  openRedis,
  portOf,
  type RedisClient,
  type RedisConnection,
  type RedisSource,
} from './redis/connection.js';
export type { RedisPort } from './redis/port.js';
export { classifyRedisError, type RedisErrorKind } from './redis/redis-error.js';
export type {
  AnyScript,
  Script,
  ScriptArg,
  ScriptField,
  ScriptLines,
  ScriptType,
  TaggedReply,
} from './redis/script.js';
export { ScriptError } from './redis/script-error.js';
export { type ScriptCall, ScriptRunner, type ScriptRunnerOptions } from './redis/script-runner.js';
export { checkServer, type ServerWarning } from './redis/server-check.js';
export * as rule from './rules.js';
export { reviveError, type SerializedError, serializeError } from './serialized-error.js';
