import { describeValue, refuseOption } from '@bulletproof/kernel';
import { checkJobOptions } from './check-options.js';
import type { JobContext } from './context.js';
import { createDefinition, type JobDefinition, type JobHandler } from './definition.js';
import { DuplicateHandlerError, NotAJobError } from './errors.js';
import type { Jsonified } from './jsonified.js';
import type { PlainJobOptions, SchemaJobOptions } from './options.js';
import { type JobContract, type JobReference, referenceTo, referredBy } from './reference.js';
import type { Schema, SchemaInput, SchemaOutput } from './schema.js';

interface Named {
  readonly name: string;
}

/** What a handler of `defineJob` may return; anything when there is no output schema. */
type Returnable<O extends Schema> = SchemaInput<O> | PromiseLike<SchemaInput<O>>;

/** The result as JSON: what the output schema makes, else what the handler returns. */
type ResultOf<O extends Schema, R> =
  unknown extends SchemaOutput<O> ? Jsonified<Awaited<R>> : Jsonified<SchemaOutput<O>>;

/**
 * Defines a job without a class. Without a handler it is a contract: what a producer imports, while
 * `implement` or `@Job(contract)` give it its handler elsewhere.
 *
 * Without a schema the types come from the handler's annotated parameters.
 *
 * @throws InvalidOptionError (`INVALID_OPTION`) for a bad option and for a missing name.
 */
export function defineJob<S extends Schema, R extends Returnable<O>, O extends Schema = Schema>(
  options: Named & SchemaJobOptions<S, O>,
  handler: (input: SchemaOutput<S>, job: JobContext) => R,
): JobReference<SchemaInput<S>, ResultOf<O, R>>;
export function defineJob<I, R extends Returnable<O>, O extends Schema = Schema>(
  options: Named & PlainJobOptions<I, O>,
  handler: (input: I, job: JobContext) => R,
): JobReference<I, ResultOf<O, R>>;
export function defineJob<S extends Schema, O extends Schema = Schema>(
  options: Named & SchemaJobOptions<S, O>,
): JobContract<SchemaInput<S>, SchemaOutput<S>, SchemaInput<O>, Jsonified<SchemaOutput<O>>>;
export function defineJob<I = unknown, R = unknown>(
  options: Named & PlainJobOptions<I, Schema<R>>,
): JobContract<I, I, R, Jsonified<R>>;
export function defineJob(options: Named, handler?: JobHandler) {
  const where = `defineJob ${String(options?.name)}`;
  const checked = checkJobOptions(where, options);
  if (checked.name === undefined) refuseOption(`${where}.name`, 'a name', undefined);
  if (handler !== undefined) assertFunction(where, handler);
  return referenceTo(createDefinition(checked.name, checked, { handler }));
}

const implementations = new WeakMap<JobDefinition, JobHandler>();

/**
 * Gives a contract its handler and returns the contract's reference, to register where it runs.
 * @throws DuplicateHandlerError (`DUPLICATE_HANDLER`) when it has one.
 * @throws NotAJobError (`NOT_A_JOB`) for anything but a reference from `defineJob`.
 */
export function implement<I, P, H, R>(
  contract: JobContract<I, P, H, R>,
  handler: (input: P, job: JobContext) => H | PromiseLike<H>,
): JobReference<I, R>;
export function implement(contract: unknown, handler: JobHandler) {
  const definition = referredBy(contract);
  if (!definition) {
    throw new NotAJobError(
      describeValue(contract),
      'implement() takes a reference from defineJob()',
    );
  }
  assertFunction(`implement ${definition.name}`, handler);
  if (definition.owner ?? handlerOf(definition)) throw new DuplicateHandlerError(definition.name);
  implementations.set(definition, handler);
  return referenceTo(definition);
}

/** The handler of a job from `defineJob`; undefined while it is a mere contract. */
export function handlerOf(definition: JobDefinition): JobHandler | undefined {
  return definition.handler ?? implementations.get(definition);
}

function assertFunction(where: string, handler: unknown): void {
  if (typeof handler !== 'function') refuseOption(where, 'a function as handler', handler);
}
