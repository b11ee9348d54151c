import type { Duration } from '@bulletproof/kernel';
import type { Schema, SchemaOutput } from './schema.js';

/** How long to wait between attempts. What is absent comes from the app's `defaults`, then from here. */
export interface BackoffOptions {
  /** @default 'exponential' */
  readonly type?: 'fixed' | 'exponential';
  /** After the first attempt; doubled after each further one when exponential. @default '1s' */
  readonly delay?: Duration;
  /** No delay is longer. @default '1h', or `delay` when that is longer */
  readonly max?: Duration;
  /** The share of each delay that is random, 0 to 1; it only shortens. @default 0.5 */
  readonly jitter?: number;
}

/** How the record of a key is kept. */
export interface IdempotencyOptions {
  /** How long after success the key still answers with the first result. @default '24h' */
  readonly keepFor?: Duration;
}

/** Where a call goes that has been waiting or retrying for long. */
export interface EscalationStep {
  /** From the enqueue, or from the time before which the call may not start. */
  readonly after: Duration;
  /** A more urgent queue of the app. */
  readonly to: string;
}

/** The options that an app can set for all its jobs. */
export interface JobDefaults {
  /** Runs that may end in failure or timeout before the call is dead; at least 1. @default 5 */
  readonly attempts?: number;
  readonly backoff?: BackoffOptions;
  readonly idempotency?: IdempotencyOptions;
  /** The longest an attempt may take. @default none */
  readonly timeout?: Duration;
}

/** What a job is declared with, besides its schemas. `P` is what its handler gets. */
export interface JobOptions<P = never> extends JobDefaults {
  /** The job's name, unique in the app. @default `Class.method` for a decorated method */
  readonly name?: string;
  /** A queue of the app, or a function of the parsed input that chooses one. @default the app's 'default', else its first */
  readonly queue?: string | ((input: P) => string);
  /** Moves a call that waits, or waits for its next attempt, that long; each step later and more urgent. @default none */
  readonly escalate?: readonly EscalationStep[];
  /** Names the effect: same job and same key, same effect. @default none */
  readonly idempotencyKey?: (input: P) => string;
}

/** Options of a job whose input is checked by a Standard Schema. */
export interface SchemaJobOptions<S extends Schema, O extends Schema>
  extends JobOptions<SchemaOutput<S>> {
  /** Checks the input, at enqueue and again before each run. */
  readonly input: S;
  /** Checks what the handler returns. @default none */
  readonly output?: O;
}

/** Options of a job without a schema for its input. */
export interface PlainJobOptions<P, O extends Schema> extends JobOptions<P> {
  readonly input?: undefined;
  /** Checks what the handler returns. @default none */
  readonly output?: O;
}
