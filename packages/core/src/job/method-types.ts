import type { JobContext } from './context.js';
import type { Schema, SchemaInput, SchemaOutput } from './schema.js';

declare const schemaOf: unique symbol;

/**
 * The type of a handler's parameter where the schema changes the type (a default, a transform): what the
 * schema makes, remembering what it takes, so that `jobsOf` asks callers for the latter.
 *
 * `async remind({ at }: Parsed<typeof ReminderInput>) { at.getTime() }`
 */
export type Parsed<S extends Schema> = SchemaOutput<S> & { readonly [schemaOf]?: S };

/** What a caller gives for a method's parameter of type `X`. */
export type CallerInput<X> = typeof schemaOf extends keyof X
  ? NonNullable<X[typeof schemaOf]> extends infer S extends Schema
    ? SchemaInput<S>
    : X
  : X;

/** Any method that can be a job: `(input, job)`, `(input)` or `()`. */
export type JobMethodLike = (input: never, job: JobContext) => unknown;

/** The type of a method's first parameter; undefined when it has none. */
export type FirstParameter<M> = M extends (...args: infer A) => unknown
  ? A extends []
    ? undefined
    : A[0]
  : never;

/** The type of what a method returns, awaited. */
export type Returned<M> = M extends (...args: never) => infer R ? Awaited<R> : never;

/** Nothing to add when the method takes what `idempotencyKey` and `queue` take, else a type that names the mistake. */
export type FitsKey<M, K> = [FirstParameter<M>] extends [undefined]
  ? unknown
  : [FirstParameter<M>] extends [K]
    ? unknown
    : { 'idempotencyKey and queue take another input than the method': K };

/** Nothing to add when callers of the method give what the schema takes, else a type that names the mistake. */
export type FitsInput<M, S extends Schema> = [FirstParameter<M>] extends [undefined]
  ? unknown
  : [CallerInput<FirstParameter<M>>] extends [SchemaInput<S>]
    ? unknown
    : { 'the schema changes the type: write the parameter as Parsed<typeof schema>': S };

/** Nothing to add when the schema makes what the method returns, else a type that names the mistake. */
export type FitsOutput<M, O extends Schema> = [SchemaInput<O>] extends [SchemaOutput<O>]
  ? unknown
  : [SchemaOutput<O>] extends [Returned<M>]
    ? unknown
    : { 'the output schema changes the type: declare a contract with defineJob': O };
