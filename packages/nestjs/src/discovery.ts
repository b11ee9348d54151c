import { Bulletproof, jobsOf } from '@bulletproof/core';
import { Injectable, Scope } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { JobsProvidedTwiceError, RequestScopedJobError, UnknownProviderError } from './errors.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];
type Class = abstract new (...args: never) => object;

/** Finds the providers and controllers that own `@Job` methods. */
@Injectable()
export class JobDiscovery {
  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * The instances that own jobs, each once.
   * @throws RequestScopedJobError (`REQUEST_SCOPED_JOB`) for an owner that has no single instance
   * @throws JobsProvidedTwiceError (`JOBS_PROVIDED_TWICE`) for a class with jobs that has two
   */
  owners(): object[] {
    const found = new Map<object, Wrapper>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const owner = ownerOf(wrapper);
      if (owner !== undefined && !found.has(owner)) found.set(owner, wrapper);
    }
    assertOneInstanceEach(found);
    return [...found.keys()];
  }

  /** Every app that modules of ours have made; there should be one. */
  apps(): Bulletproof[] {
    return this.discovery
      .getProviders()
      .filter(({ token, isAlias }) => token === Bulletproof && !isAlias)
      .map(({ instance }) => instance as unknown)
      .filter((instance) => instance instanceof Bulletproof);
  }
}

/**
 * What is listed under `jobs`, without the classes: of those the instances are found.
 * @throws UnknownProviderError (`UNKNOWN_PROVIDER`) for a class with jobs of which there is none
 */
export function withoutClasses<T extends object>(
  listed: readonly T[],
  owners: readonly object[],
): T[] {
  return listed.filter((item) => {
    const owner = typeof item === 'function' ? (item as unknown as Class) : undefined;
    const jobs = jobNamesOf(owner);
    if (owner === undefined || jobs.length === 0) return true;
    if (!owners.some((instance) => instance instanceof owner)) {
      throw new UnknownProviderError(owner.name, jobs);
    }
    return false;
  });
}

/** The instance of a wrapper, when it owns jobs. */
function ownerOf(wrapper: Wrapper): object | undefined {
  const made = madeByNest(wrapper);
  if (made !== undefined) {
    const jobs = jobNamesOf(made);
    if (jobs.length === 0) return undefined;
    assertSingleton(wrapper, made.name, jobs);
  } else if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
    // A factory makes it for each request: what that will be cannot be known, and nothing is there to look at.
    return undefined;
  }
  const instance: unknown = wrapper.instance;
  if (typeof instance !== 'object' || instance === null) return undefined;
  return jobNamesOf(classOf(instance)).length > 0 ? instance : undefined;
}

/** The class of a provider that Nest constructs itself; undefined for values, factories and aliases. */
function madeByNest({ metatype, inject, isAlias, isNotMetatype }: Wrapper): Class | undefined {
  if (inject || isAlias || isNotMetatype || typeof metatype !== 'function') return undefined;
  return metatype as Class;
}

function classOf(instance: object): Class | undefined {
  const prototype: unknown = Object.getPrototypeOf(instance);
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof owner === 'function' ? (owner as Class) : undefined;
}

/** Names of the methods with `@Job`; reads no getter, calls nothing. */
function jobNamesOf(owner: Class | undefined): string[] {
  if (typeof owner?.prototype !== 'object' || owner.prototype === null) return [];
  // `jobsOf` enumerates exactly the methods that are jobs.
  return Object.keys(jobsOf(owner));
}

function assertSingleton(wrapper: Wrapper, provider: string, jobs: readonly string[]): void {
  if (wrapper.scope === Scope.TRANSIENT) {
    throw new RequestScopedJobError(provider, jobs, 'transient');
  }
  if (!wrapper.isDependencyTreeStatic()) {
    throw new RequestScopedJobError(provider, jobs, 'request');
  }
}

function assertOneInstanceEach(found: ReadonlyMap<object, Wrapper>): void {
  const modules = new Map<Class, string[]>();
  for (const [instance, wrapper] of found) {
    const owner = classOf(instance);
    if (owner === undefined) continue;
    const names = modules.get(owner) ?? [];
    names.push(wrapper.host?.name ?? 'an unknown module');
    modules.set(owner, names);
  }
  for (const [owner, names] of modules) {
    if (names.length > 1) throw new JobsProvidedTwiceError(owner.name, names);
  }
}
