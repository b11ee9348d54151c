import { BulletproofError } from '@bulletproof/kernel';

/** No schedule has this name. */
export class UnknownScheduleError extends BulletproofError {
  readonly code = 'UNKNOWN_SCHEDULE';

  constructor(readonly schedule: string) {
    super(`No schedule is named '${schedule}': app.schedules.list() shows those that there are`);
  }
}

/** Two schedules have one name. */
export class DuplicateScheduleError extends BulletproofError {
  readonly code = 'DUPLICATE_SCHEDULE';

  constructor(readonly schedule: string) {
    super(
      `Two schedules are named '${schedule}': give one of them another name, for the name says which ticks are the same`,
    );
  }
}

/** A schedule calls a job that nobody registered here. */
export class UnregisteredJobError extends BulletproofError {
  readonly code = 'UNREGISTERED_JOB';

  constructor(
    readonly schedule: string,
    readonly job: string,
  ) {
    super(
      `The schedule '${schedule}' calls the job '${job}', which is not registered here: register it first, or call it by a contract (defineJob without a handler)`,
    );
  }
}
