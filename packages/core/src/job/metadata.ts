import type { DeclaredOptions } from './check-options.js';
import type { JobDefinition } from './definition.js';
import { copyMethodNotes } from './method-notes.js';

/** What `@Job` leaves on a method. */
export interface JobMetadata {
  readonly options: DeclaredOptions;
  /** The contract that the method implements. */
  readonly contract?: JobDefinition;
}

/** A method with `@Job`, and the class that decorated it. */
export interface JobMethod {
  readonly key: string;
  readonly declaredBy: object;
  readonly className: string;
  readonly metadata: JobMetadata;
}

// registered symbols: another copy of the package reads what this one wrote
const ON_METHOD = Symbol.for('bulletproof.job');
const ON_PROTOTYPE = Symbol.for('bulletproof.jobs');

/** Marks a method as a job. */
export function writeJobMetadata(method: object, metadata: JobMetadata): void {
  Object.defineProperty(method, ON_METHOD, { value: metadata, configurable: true });
}

/**
 * Marks a method as a job by its name too, for decorators that replace the function and know nothing
 * of jobs. Only legacy decorators are told the prototype.
 */
export function writeJobMetadataOn(prototype: object, key: string, metadata: JobMetadata): void {
  const jobs = jobsOn(prototype) ?? new Map<string, JobMetadata>();
  jobs.set(key, metadata);
  Object.defineProperty(prototype, ON_PROTOTYPE, { value: jobs, configurable: true });
}

/** What `@Job` left on this very function. */
export function readJobMetadata(method: object): JobMetadata | undefined {
  return Object.getOwnPropertyDescriptor(method, ON_METHOD)?.value as JobMetadata | undefined;
}

/**
 * Carries what `@Job` and its companions (`@Schedule`) left on a method over to a function that replaces it. For method decorators that
 * wrap: then it does not matter whether they stand above or below `@Job`.
 */
export function copyJobMetadata(from: object, to: object): void {
  const metadata = readJobMetadata(from);
  if (metadata) writeJobMetadata(to, metadata);
  copyMethodNotes(from, to);
}

/**
 * The jobs among the methods of a prototype, inherited ones too, nearest class first. A method that
 * overrides a job without `@Job` of its own is still that job: only what it does has changed.
 */
export function readJobMethods(prototype: object): ReadonlyMap<string, JobMethod> {
  const found = new Map<string, JobMethod>();
  for (const declaredBy of chainOf(prototype)) {
    for (const [key, method] of methodsOn(declaredBy)) {
      const metadata = readJobMetadata(method) ?? jobsOn(declaredBy)?.get(key);
      if (!metadata || found.has(key)) continue;
      found.set(key, { key, declaredBy, className: classNameOf(declaredBy), metadata });
    }
  }
  return found;
}

/** The names of all methods of a prototype, inherited ones too, without those of `Object`. */
export function methodNamesOf(prototype: object): ReadonlySet<string> {
  return new Set(chainOf(prototype).flatMap((owner) => methodsOn(owner).map(([key]) => key)));
}

function chainOf(prototype: object): readonly object[] {
  const chain: object[] = [];
  let owner: object | null = prototype;
  while (owner !== null && owner !== Object.prototype) {
    chain.push(owner);
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return chain;
}

// descriptors, not values: a getter on a prototype would run without an instance
function methodsOn(owner: object): readonly (readonly [string, object])[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner)).flatMap(([key, { value }]) =>
    typeof value === 'function' && key !== 'constructor' ? [[key, value as object] as const] : [],
  );
}

function jobsOn(prototype: object): Map<string, JobMetadata> | undefined {
  return Object.getOwnPropertyDescriptor(prototype, ON_PROTOTYPE)?.value as
    | Map<string, JobMetadata>
    | undefined;
}

/** The name of the class that a prototype belongs to; empty when it has none. */
export function classNameOf(prototype: object): string {
  const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  const name: unknown = typeof owner === 'function' ? owner.name : '';
  // a class may have a static member of that name
  return typeof name === 'string' ? name : '';
}
