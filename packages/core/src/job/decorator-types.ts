import type { JobContext } from './context.js';
import type { FitsInput, FitsKey, FitsOutput, JobMethodLike } from './method-types.js';
import type { Schema, SchemaInput, SchemaOutput } from './schema.js';

// First the standard form, then the legacy one; the descriptor is typed by its value alone, because
// TypedPropertyDescriptor is invariant and would refuse methods with fewer parameters.

/** `@Job(options)` without a schema: any method of `(input, job)`. */
export interface PlainJobDecorator<K, O extends Schema> {
  <M extends JobMethodLike & ((...args: never) => Handled<O>)>(
    method: M & FitsKey<M, K> & FitsOutput<M, O>,
    context: ClassMethodDecoratorContext,
  ): void;
  <M extends JobMethodLike & ((...args: never) => Handled<O>)>(
    prototype: object,
    key: string,
    descriptor: { value?: M } & FitsKey<M, K> & FitsOutput<M, O>,
  ): void;
}

/** `@Job(options)` with a schema: a method that takes what the schema makes. */
export interface SchemaJobDecorator<S extends Schema, O extends Schema> {
  <M extends (input: SchemaOutput<S>, job: JobContext) => Handled<O>>(
    method: M & FitsInput<M, S> & FitsOutput<M, O>,
    context: ClassMethodDecoratorContext,
  ): void;
  <M extends (input: SchemaOutput<S>, job: JobContext) => Handled<O>>(
    prototype: object,
    key: string,
    descriptor: { value?: M } & FitsInput<M, S> & FitsOutput<M, O>,
  ): void;
}

/** `@Job(contract)`: a method that takes and returns what the contract says. */
export interface ContractJobDecorator<P, H> {
  <M extends (input: P, job: JobContext) => H | PromiseLike<H>>(
    method: M,
    context: ClassMethodDecoratorContext,
  ): void;
  <M extends (input: P, job: JobContext) => H | PromiseLike<H>>(
    prototype: object,
    key: string,
    descriptor: { value?: M },
  ): void;
}

type Handled<O extends Schema> = SchemaInput<O> | PromiseLike<SchemaInput<O>>;
