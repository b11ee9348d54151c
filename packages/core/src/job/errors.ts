import { BulletproofError } from '@bulletproof/kernel';
import type { SchemaIssue } from './schema.js';

/** Something that is not a job was used as one. */
export class NotAJobError extends BulletproofError {
  readonly code = 'NOT_A_JOB';

  constructor(
    /** What was found, such as `OrderJobs.audit`. */
    readonly target: string,
    advice: string,
  ) {
    super(`${target} is not a job: ${advice}`);
  }
}

/** A call names a job that this app does not know and that carries no definition of its own. */
export class UnknownJobError extends BulletproofError {
  readonly code = 'UNKNOWN_JOB';

  constructor(readonly job: string) {
    super(
      `No job named '${job}' is known here: register it, or make the call with its reference (jobsOf, defineJob)`,
    );
  }
}

/** Two different jobs have one name. */
export class DuplicateJobError extends BulletproofError {
  readonly code = 'DUPLICATE_JOB';

  constructor(readonly job: string) {
    super(`Two jobs are named '${job}': give one of them another name with its 'name' option`);
  }
}

/** A contract got a second handler. */
export class DuplicateHandlerError extends BulletproofError {
  readonly code = 'DUPLICATE_HANDLER';

  constructor(readonly job: string) {
    super(`The job '${job}' has a handler already: implement a contract once`);
  }
}

/** A job was registered for running, but nothing handles it. */
export class NoHandlerError extends BulletproofError {
  readonly code = 'NO_HANDLER';

  constructor(
    readonly job: string,
    advice: string,
  ) {
    super(`The job '${job}' has no handler: ${advice}`);
  }
}

/** A job or a call wants a queue that the app does not have. */
export class UnknownQueueError extends BulletproofError {
  readonly code = 'UNKNOWN_QUEUE';

  constructor(
    readonly job: string,
    readonly queue: string,
    readonly known: readonly string[],
  ) {
    super(
      `The job '${job}' wants the queue '${queue}', but the app has ${known.join(', ')}: use one of these or add it to the app's queues`,
    );
  }
}

/** The schema of a job refused its input. */
export class InvalidInputError extends BulletproofError {
  readonly code = 'INVALID_INPUT';

  constructor(
    readonly job: string,
    readonly issues: readonly SchemaIssue[],
  ) {
    super(`The input of '${job}' is invalid: ${describeIssues(issues)}`);
  }
}

/** The schema of a job refused what its handler returned. The effect has happened; the call is dead without retry. */
export class InvalidOutputError extends BulletproofError {
  readonly code = 'INVALID_OUTPUT';

  constructor(
    readonly job: string,
    readonly issues: readonly SchemaIssue[],
  ) {
    super(
      `The handler of '${job}' returned what its output schema refuses: ${describeIssues(issues)}`,
    );
  }
}

/** A middleware called `next` a second time, which would have run the handler twice. */
export class NextCalledTwiceError extends BulletproofError {
  readonly code = 'NEXT_CALLED_TWICE';

  constructor(readonly job: string) {
    super(
      `A middleware called next() twice in one run of '${job}': call it once, and leave repeating to the job's attempts`,
    );
  }
}

// a schema may complain about each of a thousand items; the fields hold them all
const ISSUES_IN_MESSAGE = 3;

function describeIssues(issues: readonly SchemaIssue[]): string {
  const shown = issues
    .slice(0, ISSUES_IN_MESSAGE)
    .map(({ path, message }) => `${path}: ${message}`);
  const more = issues.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}
