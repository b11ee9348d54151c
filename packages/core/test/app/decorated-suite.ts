import { describe, expect, it } from '@jest/globals';
import { type JobContext, jobsOf, type Parsed, type Schema } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

/** A schema that turns text into a number: handlers get what it gives. */
export const Order: Schema<{ cents: string; orderId: string }, { cents: number; orderId: string }> =
  {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate(value) {
        const { cents, orderId } = value as { cents: string; orderId: string };
        return /^\d+$/.test(cents)
          ? { value: { cents: Number(cents), orderId } }
          : { issues: [{ path: ['cents'], message: 'expected digits' }] };
      },
    },
  };

/** What the classes of both dialects are: the same sources, compiled differently. */
export interface ShopClasses {
  readonly OrderJobs: new (
    gateway: Gateway,
  ) => {
    charge(input: Parsed<typeof Order>, job: JobContext): Promise<Charged>;
    ping(): Promise<string>;
    fail(): Promise<void>;
  };
  readonly ExpressJobs: new (gateway: Gateway) => { ping(): Promise<string> };
}

export interface Gateway {
  capture(cents: number, key: string | undefined): number;
}

export interface Charged {
  readonly receipt: number;
  readonly attempt: number;
}

/** What must hold of classes of jobs that run in an app, in both dialects. */
export function describeDecoratedJobs(dialect: string, { OrderJobs, ExpressJobs }: ShopClasses) {
  const bench = trial();
  const gateway = () => {
    const captured: [number, string | undefined][] = [];
    return {
      captured,
      capture: (cents: number, key: string | undefined) => captured.push([cents, key]),
    };
  };

  describe(`a class with @Job methods, compiled with ${dialect} decorators`, () => {
    it('runs on its instance, with parsed input, key, steps and retries', async () => {
      const shop = gateway();
      const app = bench.app();
      app.register(new OrderJobs(shop));
      await app.work({ queues: { high: 1, default: 1 } });
      const { charge } = jobsOf(OrderJobs);
      const call = charge({ cents: '500', orderId: '42' });
      const handle = await bench.app().enqueue(call); // a producer needs the reference only
      expect(handle.queue).toBe('high');
      await expect(handle.result()).resolves.toEqual({ receipt: 1, attempt: 2 });
      expect(shop.captured).toEqual([[500, 'order-42']]);
      const again = await app.enqueue(call);
      expect(again).toMatchObject({ id: handle.id, deduplicated: true });
    });

    it('takes methods without parameters, and refuses what the schema refuses', async () => {
      const app = bench.app();
      app.register(new OrderJobs(gateway()));
      await app.work({ queues: { default: 1 } });
      const { ping, charge, fail } = jobsOf(OrderJobs);
      await expect((await app.enqueue(ping())).result()).resolves.toBe('pong');
      const bad = charge({ cents: 'five', orderId: '42' });
      expect(await refusalOf(() => app.enqueue(bad))).toMatchObject({
        code: 'INVALID_INPUT',
        job: 'OrderJobs.charge',
      });
      const failed = await app.enqueue(fail());
      expect(await refusalOf(() => failed.result())).toMatchObject({
        code: 'JOB_FAILED',
        job: 'shop-fail',
        cause: { message: 'as told' },
      });
    });

    it('is inherited: the overriding method runs under its own name', async () => {
      const app = bench.app();
      app.register(new ExpressJobs(gateway()));
      await app.work({ queues: { default: 1 } });
      const { ping } = jobsOf(ExpressJobs);
      const handle = await app.enqueue(ping());
      await expect(handle.result()).resolves.toBe('fast pong');
      await expect(app.dead.list()).resolves.toEqual([]);
    });
  });
}
