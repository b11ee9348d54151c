import { BulletproofError } from '@bulletproof/kernel';
import type { Call } from '../job/call.js';

/** Why Redis could not be used. */
export type UnavailableReason =
  | 'timeout'
  | 'connection'
  | 'auth'
  | 'no-permission'
  | 'read-only'
  | 'out-of-memory'
  | 'loading'
  | 'cluster-down';

const ADVICE: Record<UnavailableReason, string> = {
  timeout: 'Redis did not answer in time: check that it runs and is reachable',
  connection: 'the connection failed: check address, port and TLS',
  auth: 'Redis refused the credentials: check user and password',
  'no-permission':
    'the Redis user may not run a command that is needed: see the ACL page of the docs',
  'read-only':
    'this Redis is a read-only replica: connect to the primary, or through Sentinel or Cluster',
  'out-of-memory':
    'Redis is at maxmemory and evicts nothing: give it memory, or shorten keepFor and keepResultFor',
  loading: 'Redis is still loading its data set: try again shortly',
  'cluster-down': 'the Redis Cluster has no owner for a slot: check its nodes',
};

/** Redis could not take an operation; the outcome is unknown, and repeating it with the same id is safe. */
export class RedisUnavailableError extends BulletproofError {
  readonly code = 'REDIS_UNAVAILABLE';

  constructor(
    readonly reason: UnavailableReason,
    /** How long it was tried, ms. */
    readonly afterMs: number,
    /** The call with its id: enqueue this again. Absent when it was no enqueue. */
    readonly call?: Call,
    options?: ErrorOptions,
  ) {
    super(
      `Redis could not be used (${reason}) within ${afterMs} ms: ${ADVICE[reason]}${
        call === undefined
          ? ''
          : `. Whether the call was enqueued is unknown; enqueue error.call again, its id '${call.options?.id}' makes that safe`
      }`,
      options,
    );
  }
}

/** The app is closed, or is being closed. */
export class AppClosedError extends BulletproofError {
  readonly code = 'APP_CLOSED';

  constructor(readonly operation: string) {
    super(`${operation} came after app.close(): keep one app open for the life of the process`);
  }
}

/** `result()` waited as long as it was told to; the call goes on. */
export class ResultTimeoutError extends BulletproofError {
  readonly code = 'RESULT_TIMEOUT';

  constructor(
    readonly id: string,
    readonly timeoutMs: number,
  ) {
    super(
      `The call '${id}' did not end within ${timeoutMs} ms; it goes on: ask again with app.call('${id}').result()`,
    );
  }
}

/** An explicit call id already means another call. */
export class CallIdConflictError extends BulletproofError {
  readonly code = 'CALL_ID_CONFLICT';

  constructor(
    readonly job: string,
    readonly id: string,
  ) {
    super(
      `The call id '${id}' is taken by a call of another job, key or input than this one of '${job}': ids are unique in the app`,
    );
  }
}

/** No dead call has this id. */
export class NotDeadError extends BulletproofError {
  readonly code = 'NOT_DEAD';

  constructor(
    readonly id: string,
    /** What the call is instead; undefined when nothing is known of it. */
    readonly state: string | undefined,
  ) {
    super(
      `The call '${id}' is not dead (${state ?? 'unknown'}): app.dead.list() shows what can be retried`,
    );
  }
}

/** Why `job.signal` is aborted when a worker is closed: the deadline has come, the call goes on elsewhere. */
export class ShutdownError extends BulletproofError {
  readonly code = 'SHUTDOWN';

  constructor(
    readonly job: string,
    readonly id: string,
  ) {
    super(
      `The worker is closing and hands the call '${id}' of '${job}' back: stop now; its next run goes on from the recorded steps`,
    );
  }
}
