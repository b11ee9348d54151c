import { describe, expect, it } from '@jest/globals';
import { handlerOf } from '../../src/job/define.js';
import {
  DuplicateHandlerError,
  defineJob,
  implement,
  Job,
  type JobContract,
  jobsOf,
  NotAJobError,
} from '../../src/job/index.js';
import { type JobDefinition, referenceTo, referredBy } from '../../src/job/internal.js';

class OrderJobs {
  @Job()
  async charge(): Promise<void> {}
}

function contract(name = 'resize'): JobContract<unknown, unknown, unknown, unknown> {
  return defineJob({ name });
}

function definitionOf(reference: unknown): JobDefinition {
  return referredBy(reference) as JobDefinition;
}

describe('defineJob', () => {
  it('makes a reference that carries the frozen definition and its name', () => {
    const handler = async () => {};
    const ping = defineJob({ name: 'ping', attempts: 1 }, handler);
    const definition = definitionOf(ping);
    expect(ping.name).toBe('ping');
    expect(definition).toMatchObject({ name: 'ping', options: { attempts: 1 }, handler });
    expect(Object.isFrozen(definition) && Object.isFrozen(definition.options)).toBe(true);
    expect(referenceTo(definition)).toBe(ping);
  });

  it.each<[unknown[], string]>([
    [[{}], 'defineJob undefined.name: expected a name, got undefined'],
    [[undefined], 'defineJob undefined: expected an object of options, got undefined'],
    [
      [{ name: 'ping' }, 'handler'],
      'defineJob ping: expected a function as handler, got "handler"',
    ],
    [
      [{ name: 'ping', timeout: 0 }],
      'defineJob ping.timeout: expected a duration from 1 ms to 3155760000000 ms, got 0',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => Reflect.apply(defineJob, undefined, args)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    );
  });
});

describe('implement', () => {
  it('gives a contract its handler', () => {
    const resize = contract();
    const handler = async () => {};
    expect(handlerOf(definitionOf(resize))).toBeUndefined();
    expect(implement(resize, handler)).toBe(resize);
    expect(handlerOf(definitionOf(resize))).toBe(handler);
  });

  it('refuses a second handler', () => {
    const resize = contract();
    implement(resize, async () => {});
    expect(() => implement(resize, async () => {})).toThrow(DuplicateHandlerError);
    expect(() => implement(resize, async () => {})).toThrow(
      "The job 'resize' has a handler already: implement a contract once",
    );
  });

  it('refuses a job that has its handler from defineJob or from a class', () => {
    const ping: unknown = defineJob({ name: 'ping' }, async () => {});
    for (const reference of [ping, jobsOf(OrderJobs).charge]) {
      expect(() => implement(reference as never, async () => {})).toThrow(DuplicateHandlerError);
    }
  });

  it('refuses what is no reference, and what is no function', () => {
    expect(() => implement({} as never, async () => {})).toThrow(NotAJobError);
    expect(() => implement({} as never, async () => {})).toThrow(
      'an object is not a job: implement() takes a reference from defineJob()',
    );
    expect(() => implement(contract(), 'handler' as never)).toThrow(
      'implement resize: expected a function as handler, got "handler"',
    );
  });
});

describe('@Job(contract)', () => {
  it('makes a method the handler of the contract, with options of its own where it runs', () => {
    const resize = defineJob({ name: 'resize', attempts: 2, timeout: '1m' });
    class Images {
      @Job(resize, { attempts: 9 })
      async resizeImage(): Promise<void> {}
    }
    const definition = definitionOf(jobsOf(Images).resizeImage);
    expect(definition).toMatchObject({
      name: 'resize',
      contract: definitionOf(resize),
      owner: { className: 'Images', method: 'resizeImage' },
      options: { attempts: 9, timeout: 60_000 },
    });
  });

  it('refuses options that belong to the contract', () => {
    expect(() => {
      class Images {
        // @ts-expect-error it does not compile either
        @Job(contract(), { queue: 'high' })
        async resizeImage(): Promise<void> {}
      }
      return Images;
    }).toThrow(
      '@Job resizeImage.queue: expected one of the known options (attempts, backoff, idempotency, timeout), got the unknown option "queue"',
    );
  });

  it('refuses a reference that has a handler', () => {
    const ping: unknown = defineJob({ name: 'ping' }, async () => {});
    expect(() => {
      class Images {
        @Job(ping as JobContract)
        async resizeImage(): Promise<void> {}
      }
      return Images;
    }).toThrow(DuplicateHandlerError);
  });
});
