import { describe, expect, it } from '@jest/globals';
import { checkJobDefaults, checkJobOptions } from '../../src/job/check-options.js';
import { createDefinition } from '../../src/job/definition.js';
import { UnknownQueueError } from '../../src/job/index.js';
import { type ResolvedJobOptions, resolveJobOptions } from '../../src/job/resolve.js';

function resolve(
  options: object,
  defaults: object = {},
  queues: readonly string[] = ['critical', 'high', 'default', 'low'],
): ResolvedJobOptions {
  const definition = createDefinition('charge', checkJobOptions('charge', options));
  return resolveJobOptions(definition, {
    defaults: checkJobDefaults('defaults', defaults),
    queues,
  });
}

describe('resolveJobOptions', () => {
  it('decides every option', () => {
    const resolved = resolve({});
    expect(resolved).toEqual({
      queue: 'default',
      escalate: [],
      idempotencyKey: undefined,
      keepForMs: 86_400_000,
      attempts: 5,
      backoff: { type: 'exponential', delayMs: 1000, maxMs: 3_600_000, jitter: 0.5 },
      timeoutMs: undefined,
    });
    expect(Object.isFrozen(resolved) && Object.isFrozen(resolved.backoff)).toBe(true);
  });

  it("prefers the job's own options to the app's defaults", () => {
    const own = {
      attempts: 1,
      backoff: { type: 'exponential', delay: 0, max: '1m', jitter: 0 },
      idempotency: { keepFor: '1h' },
      timeout: '1s',
    };
    const defaults = {
      attempts: 9,
      backoff: { type: 'fixed', delay: '10s', max: '2m', jitter: 1 },
      idempotency: { keepFor: '7d' },
      timeout: '30s',
    };
    expect(resolve(own, defaults)).toMatchObject({
      attempts: 1,
      backoff: { type: 'exponential', delayMs: 0, maxMs: 60_000, jitter: 0 },
      keepForMs: 3_600_000,
      timeoutMs: 1000,
    });
    expect(resolve({}, defaults)).toMatchObject({
      attempts: 9,
      backoff: { type: 'fixed', delayMs: 10_000, maxMs: 120_000, jitter: 1 },
      keepForMs: 604_800_000,
      timeoutMs: 30_000,
    });
  });

  it('decides the parts of a backoff one by one', () => {
    const { backoff } = resolve(
      { backoff: { delay: '5s' } },
      { backoff: { type: 'fixed', jitter: 0 } },
    );
    expect(backoff).toEqual({ type: 'fixed', delayMs: 5000, maxMs: 3_600_000, jitter: 0 });
  });

  it('takes the first queue of an app that has none named default', () => {
    expect(resolve({}, {}, ['urgent', 'bulk']).queue).toBe('urgent');
  });

  it('lets its own delay and cap give way to what is given', () => {
    expect(resolve({ backoff: { delay: '2h' } }).backoff.maxMs).toBe(7_200_000);
    expect(resolve({ backoff: { max: '10ms' } }).backoff.delayMs).toBe(10);
  });

  it("refuses a delay above the app's cap", () => {
    expect(() => resolve({ backoff: { delay: '2h' } }, { backoff: { max: '1h' } })).toThrow(
      'charge.backoff.max: expected a duration not below the delay of 7200000 ms, got 3600000',
    );
  });

  it('refuses a queue that the app does not have, naming those it has', () => {
    expect(() => resolve({ queue: 'urgent' })).toThrow(UnknownQueueError);
    expect(() => resolve({ queue: 'urgent' })).toThrow(
      "The job 'charge' wants the queue 'urgent', but the app has critical, high, default, low: use one of these or add it to the app's queues",
    );
  });

  it('leaves a dynamic queue to the enqueue', () => {
    const queue = () => 'urgent';
    expect(resolve({ queue }).queue).toBe(queue);
  });
});
