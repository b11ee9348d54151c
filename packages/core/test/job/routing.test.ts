import { describe, expect, it } from '@jest/globals';
import { checkJobOptions } from '../../src/job/check-options.js';
import { createDefinition } from '../../src/job/definition.js';
import { type CallOptions, UnknownQueueError } from '../../src/job/index.js';
import {
  createCall,
  idempotencyKeyOf,
  type KnownJob,
  queueOf,
  resolveJobOptions,
} from '../../src/job/internal.js';

const queues = ['high', 'default'];

function knownJob(options: object): KnownJob {
  const definition = createDefinition('charge', checkJobOptions('charge', options));
  return { definition, resolved: resolveJobOptions(definition, { defaults: {}, queues }) };
}

function queueFor(options: object, parsed?: unknown, callOptions?: CallOptions): string {
  const job = knownJob(options);
  return queueOf(job, { call: createCall(job.definition, 1, callOptions), parsed, queues });
}

function keyFor(options: object, parsed?: unknown, callOptions?: CallOptions): string | undefined {
  const job = knownJob(options);
  return idempotencyKeyOf(job, { call: createCall(job.definition, 1, callOptions), parsed });
}

const byUrgency = { queue: ({ urgent }: { urgent: boolean }) => (urgent ? 'high' : 'bulk') };

describe('queueOf', () => {
  it("takes the job's queue, or chooses by the parsed input", () => {
    expect(queueFor({})).toBe('default');
    expect(queueFor({ queue: 'high' })).toBe('high');
    expect(queueFor(byUrgency, { urgent: true })).toBe('high');
  });

  it("takes the call's own queue before all", () => {
    expect(queueFor(byUrgency, { urgent: true }, { queue: 'default' })).toBe('default');
  });

  it('refuses a queue that the app does not have, whoever chose it', () => {
    expect(() => queueFor(byUrgency, { urgent: false })).toThrow(UnknownQueueError);
    expect(() => queueFor({}, undefined, { queue: 'bulk' })).toThrow(
      expect.objectContaining({ job: 'charge', queue: 'bulk', known: queues }),
    );
    expect(() => queueFor({ queue: () => undefined })).toThrow(
      "The job 'charge' wants the queue 'undefined', but the app has high, default",
    );
  });
});

describe('idempotencyKeyOf', () => {
  const byOrder = { idempotencyKey: ({ orderId }: { orderId: unknown }) => orderId };

  it('makes the key of the parsed input, if the job has one', () => {
    expect(keyFor(byOrder, { orderId: '42' })).toBe('42');
    expect(keyFor({})).toBeUndefined();
  });

  it("takes the call's own key before all, without asking the job", () => {
    expect(keyFor(byOrder, undefined, { idempotencyKey: 'mine' })).toBe('mine');
    expect(keyFor({}, undefined, { idempotencyKey: 'mine' })).toBe('mine');
  });

  it.each<[unknown, string]>([
    [42, '42'],
    ['', '""'],
    [undefined, 'undefined'],
    ['a'.repeat(257), `"${'a'.repeat(60)}…"`],
    [Promise.resolve('42'), 'an instance of Promise'],
  ])('refuses %p as a key', (orderId, received) => {
    expect(() => keyFor(byOrder, { orderId })).toThrow(
      `charge.idempotencyKey: expected a function that returns text of 1 to 256 characters without control characters, got ${received}`,
    );
  });
});
