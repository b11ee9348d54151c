import { BulletproofError } from '@bulletproof/core';

/** A provider with `@Job` methods is made anew for each request or consumer, so there is no one to run its jobs. */
export class RequestScopedJobError extends BulletproofError {
  readonly code = 'REQUEST_SCOPED_JOB';

  constructor(
    /** The class that owns the jobs. */
    readonly provider: string,
    /** The jobs that nobody would run. */
    readonly jobs: readonly string[],
    /** Why there is no single instance. */
    readonly scope: 'request' | 'transient',
  ) {
    super(
      `${provider} has jobs (${jobs.join(', ')}), but is ${scope}-scoped${scope === 'request' ? ' or depends on something that is' : ''}: ` +
        'a job runs outside any request. Make the provider a singleton, and resolve what is scoped inside the handler with ModuleRef.',
    );
  }
}

/** A class was listed under `jobs` that no module provides, so there is no instance to run its jobs. */
export class UnknownProviderError extends BulletproofError {
  readonly code = 'UNKNOWN_PROVIDER';

  constructor(
    /** The class that owns the jobs. */
    readonly provider: string,
    /** The jobs that nobody would run. */
    readonly jobs: readonly string[],
  ) {
    super(
      `${provider} is listed under jobs (${jobs.join(', ')}), but no module provides it: add it to the providers of a module. ` +
        'Providers are found by themselves; jobs is for references from defineJob.',
    );
  }
}

/** `BulletproofModule` was imported with options more than once: which app should run the jobs that were found? */
export class BulletproofImportedTwiceError extends BulletproofError {
  readonly code = 'BULLETPROOF_IMPORTED_TWICE';

  constructor(
    /** How many there are. */
    readonly times: number,
  ) {
    super(
      `BulletproofModule is imported ${times} times with options: call forRoot() or forRootAsync() once, in the root module. ` +
        'The module is global; other modules inject Bulletproof without importing anything.',
    );
  }
}

/** Two modules provide a class with `@Job` methods, each an instance of its own: which one should run the jobs? */
export class JobsProvidedTwiceError extends BulletproofError {
  readonly code = 'JOBS_PROVIDED_TWICE';

  constructor(
    /** The class that owns the jobs. */
    readonly provider: string,
    /** The modules that provide it. */
    readonly modules: readonly string[],
  ) {
    super(
      `${provider} has jobs and is provided ${modules.length} times, by ${modules.join(' and ')}: ` +
        'provide it in one module, and export it from there to the others.',
    );
  }
}
