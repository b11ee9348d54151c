import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { until, waitFor } from '../src/index.js';

describe('until', () => {
  it('returns the first truthy value', async () => {
    let calls = 0;
    const value = await until(() => {
      calls += 1;
      return calls > 3 ? `after ${calls}` : undefined;
    });
    expect(value).toBe('after 4');
  });

  it('takes an error for "not yet", and gives it as the cause in the end', async () => {
    const failure = new Error('still closed');
    const wait = until(
      () => {
        throw failure;
      },
      { deadlineMs: 20, what: 'the door to open' },
    );
    await expect(wait).rejects.toMatchObject({
      message: 'Waited 20 ms for the door to open in vain.',
      cause: failure,
    });
  });
});

describe('waitFor', () => {
  it('resolves with the first event that fits, and stops listening', async () => {
    const emitter = new EventEmitter();
    const wait = waitFor(emitter, 'number', (n: number) => n > 2);
    for (const n of [1, 2, 3, 4]) emitter.emit('number', n);
    expect(await wait).toBe(3);
    expect(emitter.listenerCount('number')).toBe(0);
  });

  it('says how many events did not fit when none comes', async () => {
    const emitter = new EventEmitter();
    const wait = waitFor(emitter, 'number', (n: number) => n > 2, { deadlineMs: 20 });
    emitter.emit('number', 1);
    await expect(wait).rejects.toThrow(
      'Waited 20 ms for event number in vain (1 came that did not fit).',
    );
    expect(emitter.listenerCount('number')).toBe(0);
  });

  it('rejects with what the predicate throws', async () => {
    const emitter = new EventEmitter();
    const wait = waitFor(emitter, 'number', () => {
      throw new Error('bad predicate');
    });
    emitter.emit('number', 1);
    await expect(wait).rejects.toThrow('bad predicate');
  });
});
