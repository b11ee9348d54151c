import { ScriptError } from './script-error.js';

/** Why a Redis command failed, as far as it is not the command's own fault. */
export type RedisErrorKind =
  | 'connection'
  | 'timeout'
  | 'read-only'
  | 'out-of-memory'
  | 'auth'
  | 'no-permission'
  | 'loading'
  | 'cluster-down';

const BY_REDIS_CODE: ReadonlyMap<string, RedisErrorKind> = new Map([
  ['READONLY', 'read-only'],
  ['OOM', 'out-of-memory'],
  ['NOAUTH', 'auth'],
  ['WRONGPASS', 'auth'],
  ['NOPERM', 'no-permission'],
  ['LOADING', 'loading'],
  ['CLUSTERDOWN', 'cluster-down'],
  ['TRYAGAIN', 'cluster-down'],
]);

const CONNECTION_CODES: ReadonlySet<unknown> = new Set([
  'CONNECTION_BROKEN',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'NR_CLOSED',
  'UNCERTAIN_STATE',
]);

const BY_MESSAGE: ReadonlyArray<readonly [RegExp, RedisErrorKind]> = [
  [/^Command timed out/, 'timeout'],
  [/^Blocking command timed out/, 'timeout'],
  [/^Socket timeout/, 'connection'],
  [/^Connection is closed|^Stream isn't writeable|^Cluster isn't ready/, 'connection'],
  [/^Connection is in (?:closing|ended)|^Cluster is ended|^Command aborted/, 'connection'],
  [/^connect ETIMEDOUT|^None of startup nodes is available/, 'connection'],
  [/^Reached the max retries per request limit/, 'connection'],
  // Redis 7.0 reports what a script may not do without a code of its own.
  [/^(?:ERR )?The user executing the script can't/, 'no-permission'],
  [/^ERR (?:invalid password|(?:Client sent )?AUTH)/i, 'auth'],
];

/** Tells what kind of trouble an error of a Redis command is, or undefined when it is none of these. */
export function classifyRedisError(error: unknown): RedisErrorKind | undefined {
  return classify(error, 0);
}

interface ErrorLike {
  readonly message: string;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly lastNodeError?: unknown;
}

function classify(error: unknown, depth: number): RedisErrorKind | undefined {
  if (!isErrorLike(error) || depth > 3) return undefined;
  const message = error instanceof ScriptError ? error.reason : error.message;
  const [word = ''] = message.split(' ', 1);
  const { code, lastNodeError, cause } = error;
  return (
    BY_REDIS_CODE.get(word) ??
    (CONNECTION_CODES.has(code) ? 'connection' : undefined) ??
    BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1] ??
    // What a cluster client gives up with carries the error of the last node it asked.
    classify(lastNodeError, depth + 1) ??
    classify(cause, depth + 1) ??
    (lastNodeError === undefined ? undefined : 'connection')
  );
}

// By shape: errors of Node's sockets may come from another realm.
function isErrorLike(error: unknown): error is ErrorLike {
  return (
    typeof error === 'object' &&
    error !== null &&
    'message' in error &&
    typeof error.message === 'string'
  );
}
