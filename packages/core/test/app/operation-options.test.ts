import { describe, expect, it } from '@jest/globals';
import {
  type Bulletproof,
  type Call,
  type DeadListOptions,
  defineJob,
  type ResultOptions,
} from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const LABEL = 'text of 1 to 256 characters without control characters';
const TEXT = 'text of 1 to 1000 characters';
const EPOCH = 'a whole number from 0 to 8640000000000000';
const DURATION = "a duration (milliseconds, or text such as '250ms', '30s', '5m', '1h', '7d')";

const { app } = trial();
const nothing = defineJob({ name: 'nothing' }, () => undefined);

async function expectRefusal(operation: (one: Bulletproof) => unknown, message: string) {
  const error = await refusalOf(() => operation(app()));
  expect(error).toMatchObject({ code: 'INVALID_OPTION', message });
}

describe('app.enqueue', () => {
  it.each([
    ['call: expected an object of options, got undefined', undefined],
    ['call: expected an object of options, got "ping"', 'ping'],
    ['call: expected an object of options, got a function', nothing],
    [`call.job: expected ${LABEL}, got undefined`, {}],
    [`call.job: expected ${LABEL}, got ""`, { job: '' }],
    [
      'call.inputs: expected a known option (did you mean "input"?), got the unknown option "inputs"',
      { job: 'nothing', inputs: 1 },
    ],
    [`call.options.id: expected ${LABEL}, got ""`, { job: 'nothing', options: { id: '' } }],
    [
      `call.options.id: expected ${LABEL}, got "a\\nb"`,
      { job: 'nothing', options: { id: 'a\nb' } },
    ],
    [
      'call.options.escalate: expected one of the known options (id, delay, at, queue, idempotencyKey, attempts, timeout, expiresAfter), got the unknown option "escalate"',
      { job: 'nothing', options: { escalate: [] } },
    ],
  ])('refuses a call with %s', (message, call) =>
    expectRefusal((one) => one.enqueue(call as unknown as Call), message),
  );

  it('refuses a job that it does not know, and one whose queue the app does not have', async () => {
    const one = app();
    const unknown = await refusalOf(() => one.enqueue({ job: 'ship' } as Call));
    expect(unknown).toMatchObject({ code: 'UNKNOWN_JOB', job: 'ship' });
    const elsewhere = await refusalOf(() => one.enqueue(nothing(undefined, { queue: 'bulk' })));
    expect(elsewhere).toMatchObject({
      code: 'UNKNOWN_QUEUE',
      job: 'nothing',
      queue: 'bulk',
      known: ['critical', 'high', 'default', 'low'],
    });
    await expect(one.queues.status()).resolves.toMatchObject([
      { waiting: 0 },
      {},
      { waiting: 0 },
      {},
    ]);
  });
});

describe('app.enqueueMany', () => {
  it.each([
    ['undefined', undefined],
    ['an object', { length: 1 }],
    ['"ping"', 'ping'],
    ['a function', nothing],
  ])('refuses %s', (received, calls) =>
    expectRefusal(
      (one) => one.enqueueMany(calls as unknown as Iterable<Call>),
      `enqueueMany: expected an iterable or async iterable of calls, got ${received}`,
    ),
  );
});

describe('app.call', () => {
  it.each([
    ['undefined', undefined],
    ['""', ''],
    ['42', 42],
    [`"${'x'.repeat(60)}…"`, 'x'.repeat(257)],
  ])('refuses the id %s', (received, id) =>
    expectRefusal((one) => one.call(id as string), `call id: expected ${LABEL}, got ${received}`),
  );
});

describe('handle.result', () => {
  it.each([
    [`result.timeout: expected ${DURATION}, got "soon"`, { timeout: 'soon' }],
    [`result.timeout: expected ${DURATION}, got -1`, { timeout: -1 }],
    ['result.signal: expected an AbortSignal, got an object', { signal: {} }],
    [
      'result.time: expected one of the known options (timeout, signal), got the unknown option "time"',
      { time: 5 },
    ],
    ['result: expected an object of options, got 5000', 5000],
  ])('refuses %s', (message, options) =>
    expectRefusal((one) => one.call('x').result(options as ResultOptions), message),
  );
});

describe('handle.cancel', () => {
  it.each([
    ['""', ''],
    ['5', 5],
    ['null', null],
    ['an object', {}],
  ])('refuses the reason %s', (received, reason) =>
    expectRefusal(
      (one) => one.call('x').cancel(reason as string),
      `cancel reason: expected ${TEXT}, got ${received}`,
    ),
  );
});

describe('app.dead', () => {
  it.each([
    ['dead.list.limit: expected a whole number from 1 to 10000, got 0', { limit: 0 }],
    ['dead.list.limit: expected a whole number from 1 to 10000, got -1', { limit: -1 }],
    ['dead.list.limit: expected a whole number from 1 to 10000, got "10"', { limit: '10' }],
    [`dead.list.before: expected ${EPOCH}, got "yesterday"`, { before: 'yesterday' }],
    [`dead.list.before: expected ${EPOCH}, got NaN`, { before: Number.NaN }],
    [`dead.list.olderThan: expected ${DURATION}, got "1 week"`, { olderThan: '1 week' }],
    [`dead.list.name: expected ${LABEL}, got 5`, { name: 5 }],
    [`dead.list.queue: expected ${LABEL}, got ""`, { queue: '' }],
    [`dead.list.errorCode: expected ${LABEL}, got null`, { errorCode: null }],
    [
      'dead.list.names: expected a known option (did you mean "name"?), got the unknown option "names"',
      { names: 'charge' },
    ],
    ['dead.list: expected an object of options, got "charge"', 'charge'],
  ])('refuses to list with %s', (message, options) =>
    expectRefusal((one) => one.dead.list(options as DeadListOptions), message),
  );

  it.each([
    [
      'dead.retryAll.nam: expected a known option (did you mean "name"?), got the unknown option "nam"',
      { nam: 'charge' },
    ],
    [
      'dead.retryAll.limit: expected one of the known options (name, queue, errorCode, olderThan), got the unknown option "limit"',
      { limit: 5 },
    ],
    [`dead.retryAll.olderThan: expected ${DURATION}, got "x"`, { olderThan: 'x' }],
  ])(
    'refuses to retry with %s: a filter that is not understood must not match all',
    (message, filter) =>
      expectRefusal((one) => one.dead.retryAll(filter as DeadListOptions), message),
  );

  it.each([
    ['undefined', undefined],
    ['""', ''],
    ['7', 7],
  ])('refuses the id %s', async (received, id) => {
    const message = `call id: expected ${LABEL}, got ${received}`;
    await expectRefusal((one) => one.dead.retry(id as string), message);
    await expectRefusal((one) => one.dead.discard(id as string), message);
  });
});

describe('app.queues', () => {
  it.each([
    ['"bulk"', 'bulk'],
    ['undefined', undefined],
    ['5', 5],
  ])('refuses to pause or resume %s', async (received, name) => {
    const message = `queue: expected one of critical, high, default, low, got ${received}`;
    await expectRefusal((one) => one.queues.pause(name as string), message);
    await expectRefusal((one) => one.queues.resume(name as string), message);
  });
});
