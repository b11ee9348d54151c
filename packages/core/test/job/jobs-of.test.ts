import { describe, expect, it } from '@jest/globals';
import { Job, jobsOf, NotAJobError } from '../../src/job/index.js';

let getterRuns = 0;

class OrderJobs {
  @Job()
  async charge(): Promise<void> {}

  @Job({ name: 'refund' })
  async refund(): Promise<void> {}

  get balance(): number {
    getterRuns += 1;
    return getterRuns;
  }

  audit(): void {}
}

describe('jobsOf', () => {
  it('gives the same references each time', () => {
    expect(jobsOf(OrderJobs)).toBe(jobsOf(OrderJobs));
    expect(jobsOf(OrderJobs).charge).toBe(jobsOf(OrderJobs).charge);
  });

  it('lists the jobs and nothing else, and runs no getter', () => {
    expect(Object.keys(jobsOf(OrderJobs))).toEqual(['charge', 'refund']);
    const { charge, refund } = { ...jobsOf(OrderJobs) };
    expect([charge.name, refund.name]).toEqual(['OrderJobs.charge', 'refund']);
    expect(getterRuns).toBe(0);
  });

  it('throws at access, not before, for a method without @Job', () => {
    const jobs = jobsOf(OrderJobs);
    expect(() => jobs.audit).toThrow(
      expect.objectContaining({ code: 'NOT_A_JOB', target: 'OrderJobs.audit' }),
    );
  });

  it('can be awaited by mistake', async () => {
    await expect(Promise.resolve(jobsOf(OrderJobs))).resolves.toBe(jobsOf(OrderJobs));
  });

  it.each([
    [undefined, 'undefined is not a job: jobsOf() takes a class'],
    [{}, 'an object is not a job: jobsOf() takes a class'],
    [() => 1, 'a function is not a job: jobsOf() takes a class'],
    [new OrderJobs(), 'an instance of OrderJobs is not a job: jobsOf() takes a class'],
  ])('refuses what is no class: %p', (value, message) => {
    expect(() => jobsOf(value as never)).toThrow(NotAJobError);
    expect(() => jobsOf(value as never)).toThrow(message);
  });
});
