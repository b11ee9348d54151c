import { expect, it } from '@jest/globals';
import { statusOf } from '../../src/runtime/call-status.js';

it('counts the attempt that completed a call, also before BullMQ has been told of it', () => {
  const record = {
    tag: 'found',
    id: 'x',
    state: 'done',
    queue: 'default',
    generation: 1,
    token: 1,
    start: 1,
    leaseLeftMs: 0,
    result: '1',
  } as const;
  const view = {
    state: 'running',
    attemptsMade: 0,
    maxAttempts: 5,
    progress: 0,
    result: undefined,
    failedReason: undefined,
    enqueuedAtMs: 1,
    startedAtMs: 2,
    finishedAtMs: undefined,
    delivery: {
      id: 'x',
      name: 'job',
      queue: 'default',
      attempts: 5,
      generation: 1,
      enqueuedAtMs: 1,
    },
  } as const;
  expect(statusOf('x', record, view, 'default')).toMatchObject({
    state: 'completed',
    attempt: 1,
    maxAttempts: 5,
    result: 1,
  });
});
