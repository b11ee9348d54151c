import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseCall } from '../../src/job/call.js';
import {
  DuplicateJobError,
  defineJob,
  implement,
  Job,
  type JobContext,
  jobsOf,
  NoHandlerError,
  NotAJobError,
  UnknownJobError,
  UnknownQueueError,
} from '../../src/job/index.js';
import { type Call, JobRegistry, referredBy } from '../../src/job/internal.js';

const job = { name: 'any' } as JobContext;

class OrderJobs {
  constructor(private readonly gateway = 'stripe') {}

  @Job({ attempts: 2 })
  async charge({ orderId }: { orderId: string }): Promise<string> {
    return `${orderId} by ${this.gateway}`;
  }

  @Job({ name: 'refund' })
  async refund(): Promise<void> {}
}

class OtherOrderJobs {
  @Job({ name: 'refund' })
  async refund(): Promise<void> {}
}

class UrgentJobs {
  @Job({ queue: 'urgent' })
  async run(): Promise<void> {}
}

class Plain {
  run(): void {}
}

const ping = defineJob({ name: 'ping' }, async (input: { host: string }) => input.host);

describe('JobRegistry', () => {
  let registry: JobRegistry;

  beforeEach(() => {
    registry = new JobRegistry({ defaults: { attempts: 7 }, queues: ['high', 'default'] });
  });

  it("runs an instance's methods on the instance", async () => {
    registry.register(new OrderJobs('adyen'));
    const charge = registry.get('OrderJobs.charge');
    await expect(charge?.handler({ orderId: '42' }, job)).resolves.toBe('42 by adyen');
    expect(charge?.resolved.attempts).toBe(2);
    expect(registry.get('refund')?.resolved.attempts).toBe(7);
    expect(registry.get('OrderJobs.refund')).toBeUndefined();
    expect(registry.all().map(({ definition }) => definition.name)).toEqual([
      'OrderJobs.charge',
      'refund',
    ]);
  });

  it('runs what replaces a method later', async () => {
    const orders = new OrderJobs();
    registry.register(orders);
    orders.charge = async () => 'spied';
    await expect(registry.get('OrderJobs.charge')?.handler({}, job)).resolves.toBe('spied');
  });

  it('runs an overriding method of a subclass under the name of the parent', async () => {
    class TestJobs extends OrderJobs {
      override async charge(): Promise<string> {
        return 'fake';
      }
    }
    registry.register(new TestJobs());
    await expect(registry.get('OrderJobs.charge')?.handler({}, job)).resolves.toBe('fake');
  });

  it('runs references with a handler, implemented contracts among them', async () => {
    const resize = defineJob({ name: 'resize' });
    implement(resize, async () => 'resized');
    registry.register(ping, resize);
    await expect(registry.get('ping')?.handler({ host: 'a' }, job)).resolves.toBe('a');
    await expect(registry.get('resize')?.handler(undefined, job)).resolves.toBe('resized');
  });

  it('takes the same item again without a word', () => {
    const orders = new OrderJobs();
    registry.register(orders, ping, orders);
    registry.register(orders, ping);
    expect(registry.all()).toHaveLength(3);
  });

  it('refuses two jobs of one name', () => {
    expect(() => registry.register(new OrderJobs(), new OtherOrderJobs())).toThrow(
      DuplicateJobError,
    );
    registry.register(new OrderJobs());
    expect(() => registry.register(new OtherOrderJobs())).toThrow(
      "Two jobs are named 'refund': give one of them another name with its 'name' option",
    );
  });

  it('refuses a second instance of a class', () => {
    registry.register(new OrderJobs());
    expect(() => registry.register(new OrderJobs())).toThrow(DuplicateJobError);
  });

  it('takes all items of a call or none', () => {
    expect(() => registry.register(ping, new OrderJobs(), new UrgentJobs())).toThrow(
      UnknownQueueError,
    );
    expect(registry.all()).toEqual([]);
    registry.register(ping);
    expect(registry.all()).toHaveLength(1);
  });

  it('refuses a contract without a handler', () => {
    const register = () => registry.register(defineJob({ name: 'resize' }));
    expect(register).toThrow(NoHandlerError);
    expect(register).toThrow("The job 'resize' has no handler: call implement() before register()");
  });

  it('refuses the reference of a method, which has no instance', () => {
    expect(() => registry.register(jobsOf(OrderJobs).charge)).toThrow(
      "The job 'OrderJobs.charge' has no handler: register an instance of OrderJobs",
    );
  });

  it.each([
    [new Plain(), 'an instance of Plain'],
    [OrderJobs, 'a function'],
    [{}, 'an object'],
    [null, 'null'],
    ['ping', '"ping"'],
  ])('refuses %p, which has no jobs', (item, found) => {
    expect(() => registry.register(item as object)).toThrow(NotAJobError);
    expect(() => registry.register(item as object)).toThrow(
      `${found} is not a job: register instances of classes whose methods have @Job(), and references from defineJob`,
    );
  });

  describe('resolve', () => {
    const plain = (call: Call): Call => parseCall(JSON.parse(JSON.stringify(call)));

    it('finds a registered job by name', () => {
      registry.register(ping);
      const call = plain(ping({ host: 'a' }));
      expect(registry.resolve(call)).toBe(registry.get('ping'));
    });

    it('finds a job that is only referred to, and decides its options once', () => {
      const known = registry.resolve(ping({ host: 'a' }));
      expect(known.definition).toBe(referredBy(ping));
      expect(known.resolved).toMatchObject({ attempts: 7, queue: 'default' });
      expect(registry.resolve(ping({ host: 'b' }))).toBe(known);
    });

    it('prefers the method that handles a contract', () => {
      const resize = defineJob({ name: 'resize', attempts: 1 });
      class Images {
        @Job(resize, { attempts: 9 })
        async resizeImage(): Promise<void> {}
      }
      registry.register(new Images());
      expect(registry.resolve(resize()).resolved.attempts).toBe(9);
    });

    it('refuses plain data of an unknown job', () => {
      const resolve = () => registry.resolve(plain(ping({ host: 'a' })));
      expect(resolve).toThrow(UnknownJobError);
      expect(resolve).toThrow(
        "No job named 'ping' is known here: register it, or make the call with its reference (jobsOf, defineJob)",
      );
    });

    it('refuses the call of another job with the name of a registered one', () => {
      registry.register(new OrderJobs());
      expect(() => registry.resolve(jobsOf(OtherOrderJobs).refund())).toThrow(DuplicateJobError);
    });

    it('refuses the call of a job whose queue the app does not have', () => {
      expect(() => registry.resolve(jobsOf(UrgentJobs).run())).toThrow(UnknownQueueError);
    });
  });
});
