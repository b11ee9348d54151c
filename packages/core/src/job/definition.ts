import type { DeclaredOptions } from './check-options.js';
import type { JobContext } from './context.js';
import type { Schema } from './schema.js';

/** A handler as the app runs it: what it was declared with has been checked before. */
export type JobHandler = (input: unknown, job: JobContext) => unknown;

/** The method that handles a job. */
export interface JobOwner {
  readonly className: string;
  readonly method: string;
}

/** What a job is: made once where it is declared, frozen. */
export interface JobDefinition {
  readonly name: string;
  /** As written, after all checks that need no app. */
  readonly options: DeclaredOptions;
  readonly input: Schema | undefined;
  readonly output: Schema | undefined;
  /** Of a job from `defineJob`; a method gets its handler with the instance that owns it. */
  readonly handler: JobHandler | undefined;
  /** Of a method with `@Job`. */
  readonly owner: JobOwner | undefined;
  /** The contract that a method implements (`@Job(contract)`). */
  readonly contract: JobDefinition | undefined;
}

/** Makes a definition out of checked options. */
export function createDefinition(
  name: string,
  options: DeclaredOptions,
  origin: Partial<Pick<JobDefinition, 'contract' | 'handler' | 'owner'>> = {},
): JobDefinition {
  return Object.freeze({
    name,
    options,
    input: options.input,
    output: options.output,
    handler: origin.handler,
    owner: origin.owner,
    contract: origin.contract,
  });
}
