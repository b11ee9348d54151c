import type { BulletproofOptions, Duration, Registrable, WorkOptions } from '@bulletproof/core';
import { checkOptions, refuseOption, rule } from '@bulletproof/kernel';
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common';

/** How Bulletproof lives in a Nest application: the app's own options, and a few about the process. */
export interface BulletproofModuleOptions extends BulletproofOptions {
  /**
   * Jobs that are no providers: references from `defineJob`. Providers with `@Job` are found; a class that is listed all the
   * same must be one. @default none
   */
  readonly jobs?: readonly Registrable[];
  /** Starts a worker in this process, after every `onModuleInit`. `true` works all queues. @default false */
  readonly work?: boolean | WorkOptions;
  /**
   * Puts the state of every `@Breaker` where the app's own is, so that the fleet shares it. Needs `@bulletproof/breaker`; does
   * nothing without, or after a `configureBreakers` of your own. @default true
   */
  readonly breakers?: boolean;
  /** How long running handlers may go on when the application closes. @default '25s' */
  readonly shutdownDeadline?: Duration;
}

/** How the options are made when other providers are needed for it. */
export interface BulletproofModuleAsyncOptions<A extends readonly unknown[] = readonly never[]> {
  /** Modules whose exports `inject` needs. @default none */
  readonly imports?: ModuleMetadata['imports'];
  /** What `useFactory` is called with. @default none */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
  /** Makes the options. */
  readonly useFactory: (
    ...dependencies: A
  ) => BulletproofModuleOptions | Promise<BulletproofModuleOptions>;
}

/** The module's options, taken apart and checked. */
export interface ResolvedModuleOptions {
  readonly app: BulletproofOptions;
  readonly jobs: readonly Registrable[];
  readonly work: WorkOptions | undefined;
  readonly breakers: boolean;
  readonly shutdownDeadlineMs: number | undefined;
}

const isList = (value: unknown): value is readonly Registrable[] => Array.isArray(value);
const isWork = (value: unknown): value is boolean | WorkOptions =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null);

const rules = {
  jobs: rule.defaulted(rule.matching('an array of jobs', isList), []),
  work: rule.defaulted(rule.matching('true, false or options of work()', isWork), false),
  breakers: rule.defaulted(rule.flag, true),
  shutdownDeadline: rule.optional(rule.duration()),
};

/**
 * Checks what is the module's; the rest is checked by `Bulletproof` itself.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveModuleOptions(options: BulletproofModuleOptions): ResolvedModuleOptions {
  const where = 'BulletproofModule';
  if (typeof options !== 'object' || options === null) refuseOption(where, 'options', options);
  const { jobs, work, breakers, shutdownDeadline, ...app } = options;
  const checked = checkOptions(where, { jobs, work, breakers, shutdownDeadline }, rules);
  return {
    app,
    jobs: checked.jobs,
    work: checked.work === false ? undefined : checked.work === true ? {} : checked.work,
    breakers: checked.breakers,
    shutdownDeadlineMs: checked.shutdownDeadline,
  };
}
