import { describeValue, InvalidOptionError } from '@bulletproof/kernel';
import { createDefinition, type JobDefinition } from './definition.js';
import { NotAJobError } from './errors.js';
import type { Jsonified } from './jsonified.js';
import { classNameOf, type JobMethod, methodNamesOf, readJobMethods } from './metadata.js';
import type { CallerInput, FirstParameter, JobMethodLike, Returned } from './method-types.js';
import { type JobReference, referenceTo } from './reference.js';

/** A reference for each method of `T` that can be a job. */
export type JobsOf<T> = {
  readonly [K in keyof T as T[K] extends JobMethodLike ? K & string : never]: JobReference<
    CallerInput<FirstParameter<T[K]>>,
    Jsonified<Returned<T[K]>>
  >;
};

type JobClass<T> = abstract new (...args: never) => T;

const referencesOf = new WeakMap<object, object>();
const definitionsOn = new WeakMap<object, Map<string, JobDefinition>>();

/**
 * Typed references to the jobs of a class, inherited ones too; no instance needed.
 *
 * A job is named after the class that declares it, so a subclass shares its parent's jobs.
 *
 * @throws NotAJobError (`NOT_A_JOB`) when a method without `@Job` is read, and at once for what is no class.
 */
export function jobsOf<T>(jobClass: JobClass<T>): JobsOf<T> {
  const prototype = prototypeOf(jobClass);
  const references = referencesOf.get(prototype) ?? referencesTo(prototype);
  referencesOf.set(prototype, references);
  return references as JobsOf<T>;
}

/**
 * The jobs among an instance's methods: definitions by method name.
 * @throws InvalidOptionError (`INVALID_OPTION`) when a class without a name leaves a job without one.
 */
export function definitionsOfInstance(instance: object): ReadonlyMap<string, JobDefinition> {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  const methods = prototype ? [...readJobMethods(prototype).values()] : [];
  return new Map(methods.map((method) => [method.key, definitionOfMethod(method)]));
}

// getters: a reference is made, and a missing @Job complained about, when it is read
function referencesTo(prototype: object): object {
  const methods = readJobMethods(prototype);
  const references = {};
  for (const key of methodNamesOf(prototype)) {
    const method = methods.get(key);
    Object.defineProperty(references, key, {
      enumerable: method !== undefined,
      get: () => {
        if (method) return referenceTo(definitionOfMethod(method));
        throw new NotAJobError(`${classNameOf(prototype)}.${key}`, NO_DECORATOR);
      },
    });
  }
  return Object.freeze(references);
}

function prototypeOf(jobClass: unknown): object {
  const prototype: unknown = typeof jobClass === 'function' ? jobClass.prototype : undefined;
  if (typeof prototype === 'object' && prototype !== null) return prototype;
  throw new NotAJobError(describeValue(jobClass), 'jobsOf() takes a class');
}

const NO_DECORATOR =
  'put @Job() on the method, above decorators that replace it without copyJobMetadata()';

// one definition a method, whichever subclass it is seen through
function definitionOfMethod(method: JobMethod): JobDefinition {
  const { key, declaredBy, className, metadata } = method;
  const known = definitionsOn.get(declaredBy) ?? new Map<string, JobDefinition>();
  definitionsOn.set(declaredBy, known);
  const definition =
    known.get(key) ??
    createDefinition(nameOf(method), metadata.options, {
      owner: Object.freeze({ className, method: key }),
      contract: metadata.contract,
    });
  known.set(key, definition);
  return definition;
}

function nameOf({ key, className, metadata }: JobMethod): string {
  if (metadata.options.name !== undefined) return metadata.options.name;
  if (className !== '') return `${className}.${key}`;
  throw new InvalidOptionError({
    option: `@Job ${key}.name`,
    expected: 'a name, because the class has none',
    received: 'undefined',
  });
}
