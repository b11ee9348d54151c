import type { Logger } from 'pino';
import type { Jsonified } from './jsonified.js';
import type { Call } from './node.js';

/**
 * What a handler gets beside its input: who it is, which attempt this is, and the ways to record
 * something. An abstract class, not an interface, because the metadata of legacy decorators needs a value.
 */
export abstract class JobContext {
  /** The call's id, unique in the app. */
  abstract readonly id: string;

  /** The job's name, such as `OrderJobs.charge`. */
  abstract readonly name: string;

  /** The queue that delivered the call. */
  abstract readonly queue: string;

  /** Which attempt this is, from 1. A crash, a shutdown or a snooze does not raise it. */
  abstract readonly attempt: number;

  /** The number of attempts after which the call is dead. */
  abstract readonly maxAttempts: number;

  /** The key that names the effect, to hand on to a payment provider; undefined when the call has none. */
  abstract readonly idempotencyKey: string | undefined;

  /** A number that grows with every new holder of the key or, without a key, of the call; to hand on to a database. */
  abstract readonly fencingToken: number;

  /** Aborted by the timeout, the end of the lease, a cancellation and the deadline of a shutdown. */
  abstract readonly signal: AbortSignal;

  /** A child logger that carries the job, the queue, the attempt and the key. */
  abstract readonly log: Logger;

  /**
   * Publishes how far the run is; any JSON value.
   * @throws LeaseLostError (`LEASE_LOST`) when the run is no longer the newest.
   */
  abstract progress(value: unknown): Promise<void>;

  /**
   * Runs `fn` once a call and remembers its result across attempts. The first run, too, gets the
   * value after its round trip through JSON.
   * @param name 1 to 200 characters
   * @throws InvalidOptionError (`INVALID_OPTION`) for another name.
   * @throws StepConflictError (`STEP_CONFLICT`) for a second step of one name in one run.
   * @throws LeaseLostError (`LEASE_LOST`) when the run is no longer the newest.
   */
  abstract step<T>(name: string, fn: () => T): Promise<Jsonified<Awaited<T>>>;

  /**
   * In a flow: the result of a node upstream, by a reference to its job or by its name. An undo call also gets the result
   * of the node that it undoes, and a callback that of every node that succeeded.
   * @throws NotInFlowError (`NOT_IN_FLOW`), NodeNotUpstreamError (`NODE_NOT_UPSTREAM`)
   * @throws AmbiguousNodeError (`AMBIGUOUS_NODE`) when several nodes upstream call the job
   */
  abstract resultOf<R>(
    reference: { readonly name: string } & ((...args: never) => Call<unknown, R>),
  ): Promise<R>;
  abstract resultOf<R = unknown>(node: string): Promise<R>;

  /**
   * Renews the lease now, for a handler that is about to block the event loop.
   * @throws LeaseLostError (`LEASE_LOST`) when the run is no longer the newest.
   */
  abstract heartbeat(): Promise<void>;
}
