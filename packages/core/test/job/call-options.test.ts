import { describe, expect, it } from '@jest/globals';
import { storedCallOptions } from '../../src/job/call-options.js';

const LABEL = 'expected text of 1 to 256 characters without control characters, got ';
const INSTANT = 'expected a valid Date, epoch milliseconds, or ISO 8601 text with a zone, got ';
const DURATION =
  "expected a duration (milliseconds, or text such as '250ms', '30s', '5m', '1h', '7d'), got ";
const SPAN = 'expected a duration from 1 ms to 3155760000000 ms, got ';
const ATTEMPTS = 'expected a whole number from 1 to 9007199254740991, got ';

describe('storedCallOptions', () => {
  it('turns durations and instants into milliseconds', () => {
    expect(
      storedCallOptions('call', {
        id: 'a'.repeat(256),
        delay: '1.5h',
        queue: 'high',
        idempotencyKey: 'k',
        attempts: 1,
        timeout: '30s',
        expiresAfter: '7d',
      }),
    ).toStrictEqual({
      id: 'a'.repeat(256),
      delay: 5_400_000,
      queue: 'high',
      idempotencyKey: 'k',
      attempts: 1,
      timeout: 30_000,
      expiresAfter: 604_800_000,
    });
  });

  it.each<[unknown]>([
    [new Date(1_795_500_000_000)],
    [1_795_500_000_000],
    ['2026-11-24T06:00:00Z'],
    ['2026-11-24T06:00Z'],
    ['2026-11-24T07:00:00.000+01:00'],
  ])('takes the instant %p', (at) => {
    expect(storedCallOptions('call', { at })).toEqual({ at: 1_795_500_000_000 });
  });

  it('is nothing when nothing is given', () => {
    expect(storedCallOptions('call', undefined)).toBeUndefined();
    expect(storedCallOptions('call', {})).toBeUndefined();
    expect(storedCallOptions('call', { id: undefined })).toBeUndefined();
  });

  it.each<[object, string]>([
    [{ id: '' }, `call.id: ${LABEL}""`],
    [{ id: 42 }, `call.id: ${LABEL}42`],
    [{ id: 'a\nb' }, `call.id: ${LABEL}"a\\nb"`],
    [{ id: '\ud800' }, `call.id: ${LABEL}"\\ud800"`],
    [{ id: 'a'.repeat(257) }, `call.id: ${LABEL}"${'a'.repeat(60)}…"`],
    [{ queue: '' }, `call.queue: ${LABEL}""`],
    [{ idempotencyKey: '' }, `call.idempotencyKey: ${LABEL}""`],
    [{ delay: 'soon' }, `call.delay: ${DURATION}"soon"`],
    [{ delay: -1 }, `call.delay: ${DURATION}-1`],
    [{ at: 'tomorrow' }, `call.at: ${INSTANT}"tomorrow"`],
    [{ at: '2026-11-24T06:40:00' }, `call.at: ${INSTANT}"2026-11-24T06:40:00"`],
    [{ at: '2026-13-24T06:40:00Z' }, `call.at: ${INSTANT}"2026-13-24T06:40:00Z"`],
    [{ at: new Date('never') }, `call.at: ${INSTANT}an instance of Date`],
    [{ at: Number.NaN }, `call.at: ${INSTANT}NaN`],
    [{ at: 1e300 }, `call.at: ${INSTANT}1e+300`],
    [{ delay: '1s', at: 5 }, 'call.at: expected either delay or at, not both, got 5'],
    [{ attempts: 0 }, `call.attempts: ${ATTEMPTS}0`],
    [{ attempts: 1.5 }, `call.attempts: ${ATTEMPTS}1.5`],
    [{ timeout: 0 }, `call.timeout: ${SPAN}0`],
    [{ expiresAfter: '0s' }, `call.expiresAfter: ${SPAN}"0s"`],
    [
      { priority: 1 },
      'call.priority: expected one of the known options (id, delay, at, queue, idempotencyKey, attempts, timeout, expiresAfter), got the unknown option "priority"',
    ],
    [
      { expireAfter: '1s' },
      'call.expireAfter: expected a known option (did you mean "expiresAfter"?), got the unknown option "expireAfter"',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => storedCallOptions('call', options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    );
  });
});
