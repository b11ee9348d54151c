import { InvalidOptionError } from '@bulletproof/kernel';
import { describe, expect, it } from '@jest/globals';
import { NotAJobError } from '../../src/job/index.js';
import { definitionsOfInstance, jobsOf } from '../../src/job/jobs-of.js';

/** What each dialect declares for the suite below, with its own compilation of the decorators. */
export interface DecoratedClasses {
  readonly OrderJobs: new () => {
    charge(input: { orderId: string }): Promise<string>;
    ping(): Promise<string>;
    audit(): string;
  };
  /** Extends OrderJobs: overrides `charge` without and `ping` with `@Job`, and adds `refund`. */
  readonly ExpressJobs: new () => {
    charge(input: { orderId: string }): Promise<string>;
    ping(): Promise<string>;
    refund(): Promise<void>;
  };
  /** `below` and `above` are wrapped by a decorator that copies metadata, standing below and above `@Job`. */
  readonly WrappedJobs: new () => { below(): Promise<string>; above(): Promise<string> };
  readonly declareNameless: () => new () => { run(): void };
  readonly declareTwice: () => unknown;
  readonly declareWith: (options: object) => unknown;
  readonly declareWithoutParentheses: () => unknown;
  readonly misplaced: Readonly<Record<string, () => unknown>>;
}

/** What must hold of `@Job` in both dialects. */
export function describeJobDecorator(dialect: string, classes: DecoratedClasses): void {
  describe(`@Job as a ${dialect} decorator`, () => {
    const { OrderJobs, ExpressJobs, WrappedJobs } = classes;

    it('names a job after its class and method, or as its options say', () => {
      const { charge, ping } = jobsOf(OrderJobs);
      expect(charge({ orderId: '42' })).toStrictEqual({
        job: 'OrderJobs.charge',
        input: { orderId: '42' },
      });
      expect(ping()).toStrictEqual({ job: 'ping' });
    });

    it('leaves the method as it was', async () => {
      await expect(new OrderJobs().charge({ orderId: '42' })).resolves.toBe('charged 42');
    });

    it('refuses to refer to a method without it', () => {
      const jobs = jobsOf(OrderJobs);
      expect(() => jobs.audit).toThrow(NotAJobError);
      expect(() => jobs.audit).toThrow(
        'OrderJobs.audit is not a job: put @Job() on the method, above decorators that replace it without copyJobMetadata()',
      );
    });

    it('is inherited: by overriding methods, too', () => {
      const { charge, ping, refund } = jobsOf(ExpressJobs);
      expect(charge).toBe(jobsOf(OrderJobs).charge);
      expect(ping.name).toBe('ExpressJobs.ping');
      expect(refund.name).toBe('ExpressJobs.refund');
      expect([...definitionsOfInstance(new ExpressJobs()).keys()].toSorted()).toEqual([
        'charge',
        'ping',
        'refund',
      ]);
    });

    it('survives a wrapping decorator on either side', async () => {
      const { below, above } = jobsOf(WrappedJobs);
      expect([below.name, above.name]).toEqual(['WrappedJobs.below', 'WrappedJobs.above']);
      await expect(new WrappedJobs().below()).resolves.toBe('wrapped below');
      await expect(new WrappedJobs().above()).resolves.toBe('wrapped above');
    });

    it('asks for a name where the class has none', () => {
      const jobs = jobsOf(classes.declareNameless());
      expect(() => jobs.run).toThrow(
        '@Job run.name: expected a name, because the class has none, got undefined',
      );
    });

    it('refuses a second @Job on one method', () => {
      expect(classes.declareTwice).toThrow('@Job run: expected one @Job on a method, got two');
    });

    it('refuses bad options where they are declared', () => {
      expect(() => classes.declareWith({ attempts: 0 })).toThrow(InvalidOptionError);
      expect(() => classes.declareWith({ batch: 10 } as never)).toThrow(
        '@Job run.batch: expected one of the known options (attempts, backoff, idempotency, timeout, name, queue, escalate, idempotencyKey, input, output), got the unknown option "batch"',
      );
    });

    it('refuses to be used without parentheses', () => {
      expect(classes.declareWithoutParentheses).toThrow(
        '@Job: expected @Job() with parentheses, got @Job alone',
      );
    });

    it.each(Object.entries(classes.misplaced))('refuses %s', (what, declare) => {
      expect(declare).toThrow(`@Job: expected an instance method with a plain name, got ${what}`);
    });
  });
}
