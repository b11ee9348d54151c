import { describe, expect, it } from '@jest/globals';
import { defineJob } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const bench = trial();

describe('a cancelled call whose key another call has taken', () => {
  it('is cancelled for ever, with its reason, while the other one goes its own way', async () => {
    const note = defineJob({ name: 'note' }, (n: number): number => n);
    const app = bench.app();
    app.register(note);
    const first = await app.enqueue(note(1, { idempotencyKey: 'k' }));
    expect(await first.cancel('not wanted')).toBe(true);
    const second = await app.enqueue(note(1, { idempotencyKey: 'k' }));
    expect(second.id).not.toBe(first.id);
    expect(await bench.app().call(first.id).status()).toMatchObject({
      state: 'cancelled',
      reason: 'not wanted',
    });
    await app.work({ queues: { default: 1 } });
    await expect(second.result()).resolves.toBe(1);
    expect(await refusalOf(() => first.result())).toMatchObject({
      code: 'JOB_CANCELLED',
      reason: 'not wanted',
    });
    expect(await first.cancel('again')).toBe(false);
  });
});
