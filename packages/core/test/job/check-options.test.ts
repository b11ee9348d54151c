import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checkJobDefaults, checkJobOptions } from '../../src/job/check-options.js';

const DURATION =
  "expected a duration (milliseconds, or text such as '250ms', '30s', '5m', '1h', '7d'), got ";
const SPAN = 'expected a duration from 1 ms to 3155760000000 ms, got ';
const LABEL = 'expected text of 1 to 256 characters without control characters, got ';
const SCHEMA = 'expected a Standard Schema (version 1), got ';
const QUEUE = 'expected the name of a queue or a function that chooses one, got ';
const ATTEMPTS = 'expected a whole number from 1 to 9007199254740991, got ';

describe('checkJobOptions', () => {
  it('reads durations as milliseconds and keeps the rest', () => {
    const input = z.object({ orderId: z.string() });
    const idempotencyKey = ({ orderId }: { orderId: string }) => orderId;
    expect(
      checkJobOptions('charge', {
        name: 'charge',
        queue: 'high',
        input,
        idempotencyKey,
        idempotency: { keepFor: '24h' },
        attempts: 5,
        backoff: { type: 'fixed', delay: '1s', max: '1h', jitter: 1 },
        timeout: '30s',
      }),
    ).toEqual({
      name: 'charge',
      queue: 'high',
      input,
      output: undefined,
      idempotencyKey,
      idempotency: { keepFor: 86_400_000 },
      attempts: 5,
      backoff: { type: 'fixed', delay: 1000, max: 3_600_000, jitter: 1 },
      timeout: 30_000,
    });
  });

  it('takes a schema that is a function, and asks nothing of absent options', () => {
    const schema = Object.assign(() => {}, {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
    });
    expect(checkJobOptions('charge', { output: schema }).output).toBe(schema);
    expect(Object.values(checkJobOptions('charge', {}))).toEqual(Array(9).fill(undefined));
  });

  it.each<[string, object, string]>([
    ['a name', { name: '' }, `charge.name: ${LABEL}""`],
    ['a name', { name: 7 }, `charge.name: ${LABEL}7`],
    ['a queue', { queue: 7 }, `charge.queue: ${QUEUE}7`],
    ['a queue', { queue: '' }, `charge.queue: ${QUEUE}""`],
    [
      'a key',
      { idempotencyKey: 'orderId' },
      'charge.idempotencyKey: expected a function, got "orderId"',
    ],
    ['a schema', { input: {} }, `charge.input: ${SCHEMA}an object`],
    ['a schema', { input: 'string' }, `charge.input: ${SCHEMA}"string"`],
    ['a schema', { output: null }, `charge.output: ${SCHEMA}null`],
    [
      'a schema',
      { input: { '~standard': { version: 2, validate: () => ({}) } } },
      `charge.input: ${SCHEMA}an object`,
    ],
    ['a schema', { input: { '~standard': { version: 1 } } }, `charge.input: ${SCHEMA}an object`],
    ['attempts', { attempts: 0 }, `charge.attempts: ${ATTEMPTS}0`],
    ['attempts', { attempts: 2.5 }, `charge.attempts: ${ATTEMPTS}2.5`],
    ['attempts', { attempts: Number.POSITIVE_INFINITY }, `charge.attempts: ${ATTEMPTS}Infinity`],
    ['attempts', { attempts: '5' }, `charge.attempts: ${ATTEMPTS}"5"`],
    ['a timeout', { timeout: '30 seconds' }, `charge.timeout: ${DURATION}"30 seconds"`],
    ['a timeout', { timeout: 0 }, `charge.timeout: ${SPAN}0`],
    ['a timeout', { timeout: Number.NaN }, `charge.timeout: ${DURATION}NaN`],
    [
      'idempotency',
      { idempotency: '24h' },
      'charge.idempotency: expected an object of options, got "24h"',
    ],
    ['keepFor', { idempotency: { keepFor: 0 } }, `charge.idempotency.keepFor: ${SPAN}0`],
    [
      'keepFor',
      { idempotency: { keepFor: 'a day' } },
      `charge.idempotency.keepFor: ${DURATION}"a day"`,
    ],
    [
      'idempotency',
      { idempotency: { keep: '1h' } },
      'charge.idempotency.keep: expected one of the known options (keepFor), got the unknown option "keep"',
    ],
    [
      'backoff',
      { backoff: { type: 'linear' } },
      "charge.backoff.type: expected 'fixed' or 'exponential', got \"linear\"",
    ],
    ['backoff', { backoff: { delay: -1 } }, `charge.backoff.delay: ${DURATION}-1`],
    ['backoff', { backoff: { max: '1x' } }, `charge.backoff.max: ${DURATION}"1x"`],
    [
      'backoff',
      { backoff: { jitter: 1.1 } },
      'charge.backoff.jitter: expected a number from 0 to 1, got 1.1',
    ],
    [
      'backoff',
      { backoff: { jitter: -0.1 } },
      'charge.backoff.jitter: expected a number from 0 to 1, got -0.1',
    ],
    [
      'backoff',
      { backoff: { jitter: Number.NaN } },
      'charge.backoff.jitter: expected a number from 0 to 1, got NaN',
    ],
    [
      'backoff',
      { backoff: { delay: '2s', max: '1s' } },
      'charge.backoff.max: expected a duration not below delay, got 1000',
    ],
    [
      'a misspelt option',
      { attempt: 5 },
      'charge.attempt: expected a known option (did you mean "attempts"?), got the unknown option "attempt"',
    ],
    [
      'an option of later',
      { batch: 10 },
      'charge.batch: expected one of the known options (attempts, backoff, idempotency, timeout, name, queue, escalate, idempotencyKey, input, output), got the unknown option "batch"',
    ],
  ])('refuses a bad value of %s: %j', (_what, options, message) => {
    expect(() => checkJobOptions('charge', options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    );
  });

  it.each([
    [null, 'null'],
    [7, '7'],
    ['charge', '"charge"'],
    [[], 'an array of 0'],
  ])('refuses %j instead of options', (options, received) => {
    expect(() => checkJobOptions('charge', options)).toThrow(
      `charge: expected an object of options, got ${received}`,
    );
  });
});

describe('checkJobDefaults', () => {
  it('takes what an app can set for all jobs, and nothing else', () => {
    expect(checkJobDefaults('defaults', { attempts: 5, timeout: '1m' })).toEqual({
      attempts: 5,
      backoff: undefined,
      idempotency: undefined,
      timeout: 60_000,
    });
    expect(() => checkJobDefaults('defaults', { queue: 'high' })).toThrow(
      'defaults.queue: expected one of the known options (attempts, backoff, idempotency, timeout), got the unknown option "queue"',
    );
  });
});
