import { createCall, type NodeCall } from './call.js';
import type { CallOptions } from './call-options.js';
import type { JobDefinition } from './definition.js';

/** Where a reference keeps the definition it refers to. */
export const definitionOf: unique symbol = Symbol.for('bulletproof.job-definition');

declare const handlerTypes: unique symbol;

/** What a reference is called with. A job without input is called with none, or with undefined before its options. */
export type CallArguments<I> = undefined extends I
  ? [input?: I, options?: CallOptions]
  : [input: I, options?: CallOptions];

/** A reference of which nothing but the job is known. */
export interface AnyJobReference {
  /** The job's name. */
  readonly name: string;
  readonly [definitionOf]: JobDefinition;
}

/** A job to call: `charge({ orderId })` makes a call. `I` is the raw input, `R` the result as JSON. */
export interface JobReference<I = unknown, R = unknown> extends AnyJobReference {
  (...args: CallArguments<I>): NodeCall<I, R>;
}

/** A reference to a job whose handler is declared elsewhere: it gets `P` and returns `H`. */
export interface JobContract<I = unknown, P = I, H = unknown, R = H> extends JobReference<I, R> {
  readonly [handlerTypes]: (input: P) => H;
}

/** Keeps references out where options are meant: a function has a `name`, too. */
export interface NoReference {
  readonly [definitionOf]?: undefined;
}

const references = new WeakMap<JobDefinition, AnyJobReference>();

/** The reference to a definition, always the same one. */
export function referenceTo(definition: JobDefinition): AnyJobReference {
  const known = references.get(definition);
  if (known) return known;
  const reference = Object.assign(
    (input?: unknown, options?: CallOptions): NodeCall => createCall(definition, input, options),
    { [definitionOf]: definition },
  );
  Object.defineProperty(reference, 'name', { value: definition.name });
  references.set(definition, reference);
  return reference;
}

/** The definition that a value refers to; undefined when it is no reference. */
export function referredBy(value: unknown): JobDefinition | undefined {
  if (typeof value !== 'function') return undefined;
  return Object.getOwnPropertyDescriptor(value, definitionOf)?.value as JobDefinition | undefined;
}
