import { BulletproofError } from '@bulletproof/kernel';

/** An idempotency key was used again with a different input. */
export class IdempotencyConflictError extends BulletproofError {
  readonly code = 'IDEMPOTENCY_CONFLICT';

  constructor(
    readonly job: string,
    readonly key: string,
    /** The id of the call that has the key. */
    readonly heldBy: string,
  ) {
    super(
      `The key '${key}' of '${job}' belongs to the call '${heldBy}', whose input is another: use another key for another effect`,
    );
  }
}

/** A run is no longer the newest holder of its call; what it still wanted to record was refused. */
export class LeaseLostError extends BulletproofError {
  readonly code = 'LEASE_LOST';

  constructor(
    readonly job: string,
    readonly id: string,
    readonly why = 'a newer run holds the call',
  ) {
    super(
      `This run of '${job}' (call '${id}') may record nothing more: ${why}. Stop when job.signal is aborted`,
    );
  }
}

/** What `result()` of a dead call throws; the handler's error is the cause. */
export class JobFailedError extends BulletproofError {
  readonly code = 'JOB_FAILED';

  constructor(
    readonly job: string,
    readonly id: string,
    options?: ErrorOptions,
  ) {
    super(
      `The call '${id}' of '${job}' is dead: see the cause, then app.dead.retry('${id}') or app.dead.discard('${id}')`,
      options,
    );
  }
}

/** What `result()` of a cancelled call throws, and the reason of the signal of its run. */
export class JobCancelledError extends BulletproofError {
  readonly code = 'JOB_CANCELLED';

  constructor(
    readonly job: string,
    readonly id: string,
    readonly reason?: string,
  ) {
    super(
      `The call '${id}' of '${job}' was cancelled${reason === undefined ? '' : ` (${reason})`}: enqueue it again if it is still wanted`,
    );
  }
}

/** A call was not started within its `expiresAfter`. */
export class JobExpiredError extends BulletproofError {
  readonly code = 'JOB_EXPIRED';

  constructor(
    readonly job: string,
    readonly id: string,
    readonly expiresAfterMs: number,
  ) {
    super(
      `The call '${id}' of '${job}' was not started within ${expiresAfterMs} ms: add workers, or raise expiresAfter`,
    );
  }
}

/** An attempt took longer than the job's `timeout`. */
export class JobTimeoutError extends BulletproofError {
  readonly code = 'JOB_TIMEOUT';

  constructor(
    readonly job: string,
    readonly id: string,
    readonly timeoutMs: number,
  ) {
    super(
      `The call '${id}' of '${job}' took longer than ${timeoutMs} ms: raise its timeout, or stop when job.signal is aborted`,
    );
  }
}

/** The worker process died under a call too often. */
export class PoisonJobError extends BulletproofError {
  readonly code = 'POISON_JOB';

  constructor(
    readonly job: string,
    readonly id: string,
    readonly crashes: number,
  ) {
    super(
      `The worker died under the call '${id}' of '${job}' ${crashes} times: look for a crash or an exhausted heap in its handler, then app.dead.retry('${id}')`,
    );
  }
}

/** A dead call cannot be retried, because a newer call holds or finished its key. */
export class SupersededError extends BulletproofError {
  readonly code = 'SUPERSEDED';

  constructor(
    readonly job: string,
    readonly id: string,
    /** The id of the newer call; undefined when that call's record is no longer kept. */
    readonly supersededBy?: string,
  ) {
    const newer =
      supersededBy === undefined
        ? 'a newer call has had its key'
        : `'${supersededBy}' has its key now`;
    super(`The dead call '${id}' of '${job}' cannot be retried: ${newer}. Discard it`);
  }
}

/** The result of a call is no longer kept. */
export class ResultExpiredError extends BulletproofError {
  readonly code = 'RESULT_EXPIRED';

  constructor(readonly id: string) {
    super(
      `The result of the call '${id}' is no longer kept: raise keepResultFor, or give the job an idempotency key`,
    );
  }
}

/** Two steps of one run have the same name. */
export class StepConflictError extends BulletproofError {
  readonly code = 'STEP_CONFLICT';

  constructor(
    readonly job: string,
    readonly step: string,
  ) {
    super(
      `The step '${step}' was started twice in one run of '${job}': give each step a name of its own`,
    );
  }
}

/**
 * What a handler or a step returned cannot be stored; the cause says where and why. Its effect has
 * happened, so the call is dead without retry.
 */
export class ResultNotStorableError extends BulletproofError {
  readonly code = 'RESULT_NOT_STORABLE';

  constructor(
    readonly job: string,
    /** The step that returned it; undefined for the handler itself. */
    readonly step: string | undefined,
    options?: ErrorOptions,
  ) {
    super(
      `The result of ${step === undefined ? '' : `the step '${step}' of `}'${job}' cannot be stored: return JSON data within the size limit`,
      options,
    );
  }
}

/** A handler ended its call by throwing `Discard`. */
export class DiscardedError extends BulletproofError {
  readonly code = 'DISCARDED';

  constructor(
    readonly job: string,
    readonly id: string,
    readonly reason: string,
  ) {
    super(`The handler of '${job}' discarded the call '${id}': ${reason}`);
  }
}

/** A delivery ended outside any handler: failed by hand, or by a worker that is none of ours. */
export class DeliveryDiedError extends BulletproofError {
  readonly code = 'DELIVERY_DIED';

  constructor(
    readonly job: string,
    readonly id: string,
    /** What BullMQ keeps as the reason. */
    readonly why: string,
  ) {
    super(
      `The delivery of '${job}' (call '${id}') failed in BullMQ outside our workers (${why}): look for another worker or a tool on this queue, then app.dead.retry('${id}')`,
    );
  }
}
