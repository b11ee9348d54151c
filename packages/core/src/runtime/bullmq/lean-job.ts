import { Job, type JobProgress, type KeepJobs } from 'bullmq';

/** A job whose completion goes straight to BullMQ's backend: no trace, and one JSON text of the result less. */
export class LeanJob<Data, Result, Name extends string, Progress extends JobProgress> extends Job<
  Data,
  Result,
  Name,
  Progress
> {
  override async moveToCompleted(
    value: Result,
    token: string,
    fetchNext = true,
  ): ReturnType<Job['moveToCompleted']> {
    // Undefined of a job of ours: the worker's option counts, whatever the declared type says.
    const keep = this.opts.removeOnComplete as KeepJobs;
    const moved = await this.backend.moveToCompleted(this, value, keep, token, fetchNext);
    this.returnvalue = value;
    this.finishedOn = moved.finishedOn;
    this.attemptsMade += 1;
    return moved.result;
  }
}
