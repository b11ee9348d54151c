import { describe, expect, it } from '@jest/globals';
import { defineJob, type JobContext } from '../../src/index.js';
import { refusalOf } from './refusal.js';
import { trial } from './trial.js';

const LIMIT = 100;
const bench = trial();
const size = defineJob({ name: 'size' }, (text: string) => text.length);

// two bytes are the quotes
const inputs = [
  ['ASCII', 'x'.repeat(98), 'x'],
  ['three bytes each', `${'€'.repeat(32)}xx`, '€'],
  ['four bytes each', `${'😀'.repeat(24)}xx`, '😀'],
  ['escapes of two bytes', '\n'.repeat(49), '"'],
  ['lone surrogates, six bytes each', `${'\ud800'.repeat(16)}xx`, '\ud800'],
] as const;

describe('maxPayloadBytes', () => {
  it.each(inputs)('bounds the bytes of the JSON of an input: %s', async (_what, fits, more) => {
    const app = bench.app({ maxPayloadBytes: LIMIT });
    app.register(size);
    await app.work({ queues: { default: 1 } });
    expect(Buffer.byteLength(JSON.stringify(fits))).toBe(LIMIT);
    const handle = await app.enqueue(size(fits));
    await expect(handle.result()).resolves.toBe(fits.length);

    const bytes = Buffer.byteLength(JSON.stringify(fits + more));
    const refusal = await refusalOf(() => app.enqueue(size(fits + more)));
    expect(refusal).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      bytes,
      maxBytes: LIMIT,
      message: `size input: ${bytes} bytes of JSON, 100 are allowed; store the data elsewhere and pass a reference, or raise the limit`,
    });
    const many = await app.enqueueMany([size(fits), size(fits + more)]);
    expect(many).toMatchObject({
      enqueued: 1,
      refused: [{ index: 1, error: { code: 'PAYLOAD_TOO_LARGE' } }],
    });
  });

  it('is one MiB by default', async () => {
    const app = bench.app();
    app.register(size);
    await expect(app.enqueue(size('x'.repeat(2 ** 20 - 2)))).resolves.toBeDefined();
    const refusal = await refusalOf(() => app.enqueue(size('x'.repeat(2 ** 20 - 1))));
    expect(refusal).toMatchObject({ bytes: 2 ** 20 + 1, maxBytes: 2 ** 20 });
  });

  it('bounds results and steps, too: beyond it the call is dead without another attempt', async () => {
    let runs = 0;
    const grow = defineJob({ name: 'grow', attempts: 3 }, async (by: string, job: JobContext) => {
      runs += 1;
      if (by === 'result') return 'x'.repeat(LIMIT - 1);
      return job.step('big', () => 'x'.repeat(LIMIT - 1));
    });
    const app = bench.app({ maxPayloadBytes: LIMIT });
    app.register(grow);
    await app.work({ queues: { default: 1 } });
    for (const by of ['result', 'step']) {
      runs = 0;
      const handle = await app.enqueue(grow(by));
      const failure = await refusalOf(() => handle.result());
      expect(failure).toMatchObject({
        code: 'JOB_FAILED',
        cause: {
          code: 'RESULT_NOT_STORABLE',
          job: 'grow',
          cause: { code: 'PAYLOAD_TOO_LARGE', bytes: LIMIT + 1, maxBytes: LIMIT },
        },
      });
      expect(runs).toBe(1);
    }
  });
});
