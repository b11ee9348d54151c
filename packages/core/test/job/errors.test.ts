import { BulletproofError } from '@bulletproof/kernel';
import { describe, expect, it } from '@jest/globals';
import * as job from '../../src/job/index.js';

const cases: readonly (readonly [BulletproofError, string, object, string])[] = [
  [
    new job.IdempotencyConflictError('charge', 'order-1', 'c1'),
    'IDEMPOTENCY_CONFLICT',
    { job: 'charge', key: 'order-1', heldBy: 'c1' },
    "The key 'order-1' of 'charge' belongs to the call 'c1', whose input is another: use another key for another effect",
  ],
  [
    new job.LeaseLostError('charge', 'c1'),
    'LEASE_LOST',
    { job: 'charge', id: 'c1', why: 'a newer run holds the call' },
    "This run of 'charge' (call 'c1') may record nothing more: a newer run holds the call. Stop when job.signal is aborted",
  ],
  [
    new job.JobFailedError('charge', 'c1'),
    'JOB_FAILED',
    { job: 'charge', id: 'c1' },
    "The call 'c1' of 'charge' is dead: see the cause, then app.dead.retry('c1') or app.dead.discard('c1')",
  ],
  [
    new job.JobCancelledError('charge', 'c1', 'out of stock'),
    'JOB_CANCELLED',
    { job: 'charge', id: 'c1', reason: 'out of stock' },
    "The call 'c1' of 'charge' was cancelled (out of stock): enqueue it again if it is still wanted",
  ],
  [
    new job.JobCancelledError('charge', 'c1'),
    'JOB_CANCELLED',
    { job: 'charge', id: 'c1', reason: undefined },
    "The call 'c1' of 'charge' was cancelled: enqueue it again if it is still wanted",
  ],
  [
    new job.JobExpiredError('charge', 'c1', 5000),
    'JOB_EXPIRED',
    { job: 'charge', id: 'c1', expiresAfterMs: 5000 },
    "The call 'c1' of 'charge' was not started within 5000 ms: add workers, or raise expiresAfter",
  ],
  [
    new job.JobTimeoutError('charge', 'c1', 30_000),
    'JOB_TIMEOUT',
    { job: 'charge', id: 'c1', timeoutMs: 30_000 },
    "The call 'c1' of 'charge' took longer than 30000 ms: raise its timeout, or stop when job.signal is aborted",
  ],
  [
    new job.PoisonJobError('charge', 'c1', 5),
    'POISON_JOB',
    { job: 'charge', id: 'c1', crashes: 5 },
    "The worker died under the call 'c1' of 'charge' 5 times: look for a crash or an exhausted heap in its handler, then app.dead.retry('c1')",
  ],
  [
    new job.SupersededError('charge', 'c1', 'c2'),
    'SUPERSEDED',
    { job: 'charge', id: 'c1', supersededBy: 'c2' },
    "The dead call 'c1' of 'charge' cannot be retried: 'c2' has its key now. Discard it",
  ],
  [
    new job.ResultExpiredError('c1'),
    'RESULT_EXPIRED',
    { id: 'c1' },
    "The result of the call 'c1' is no longer kept: raise keepResultFor, or give the job an idempotency key",
  ],
  [
    new job.StepConflictError('charge', 'capture'),
    'STEP_CONFLICT',
    { job: 'charge', step: 'capture' },
    "The step 'capture' was started twice in one run of 'charge': give each step a name of its own",
  ],
  [
    new job.ResultNotStorableError('charge', 'capture'),
    'RESULT_NOT_STORABLE',
    { job: 'charge', step: 'capture' },
    "The result of the step 'capture' of 'charge' cannot be stored: return JSON data within the size limit",
  ],
  [
    new job.ResultNotStorableError('charge', undefined),
    'RESULT_NOT_STORABLE',
    { job: 'charge', step: undefined },
    "The result of 'charge' cannot be stored: return JSON data within the size limit",
  ],
  [
    new job.DiscardedError('charge', 'c1', 'no such order'),
    'DISCARDED',
    { job: 'charge', id: 'c1', reason: 'no such order' },
    "The handler of 'charge' discarded the call 'c1': no such order",
  ],
];

describe('errors of jobs', () => {
  it.each(cases)('%s', (error, code, fields, message) => {
    expect(error).toBeInstanceOf(BulletproofError);
    expect(error).toMatchObject({ code, ...fields, message });
  });

  it('hand on their cause', () => {
    const cause = new Error('declined');
    expect(new job.JobFailedError('charge', 'c1', { cause }).cause).toBe(cause);
    expect(new job.ResultNotStorableError('charge', undefined, { cause }).cause).toBe(cause);
  });
});
