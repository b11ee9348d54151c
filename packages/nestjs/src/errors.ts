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
