import { describe, expect, it } from '@jest/globals';
import { type JobContext, type Middleware, NextCalledTwiceError } from '../../src/job/index.js';
import { compose } from '../../src/job/internal.js';

const job = { name: 'charge' } as JobContext;

describe('compose', () => {
  it('adds nothing when there is nothing to add', async () => {
    const promise = Promise.resolve('charged');
    expect(compose([])(job, () => promise)).toBe(promise);
  });

  it('wraps in order of registration, the first being the outermost', async () => {
    const seen: string[] = [];
    const trace =
      (name: string): Middleware =>
      async (context, next) => {
        seen.push(`${name} before ${context.name}`);
        const result = await next();
        seen.push(`${name} after ${String(result)}`);
        return `${name}(${String(result)})`;
      };
    const run = compose([trace('a'), trace('b')]);
    await expect(run(job, async () => 'charged')).resolves.toBe('a(b(charged))');
    expect(seen).toEqual([
      'a before charge',
      'b before charge',
      'b after charged',
      'a after b(charged)',
    ]);
  });

  it('can be run again and again, at the same time', async () => {
    const run = compose([async (_job, next) => next()]);
    await expect(Promise.all([run(job, async () => 1), run(job, async () => 2)])).resolves.toEqual([
      1, 2,
    ]);
  });

  it('is not changed by what is registered later', async () => {
    const middlewares: Middleware[] = [async (_job, next) => next()];
    const run = compose(middlewares);
    middlewares.push(async () => 'late');
    await expect(run(job, async () => 'charged')).resolves.toBe('charged');
  });

  it('lets a middleware answer in place of the handler, and see its errors', async () => {
    const cached = compose([async () => 'cached']);
    await expect(cached(job, () => Promise.reject(new Error('not reached')))).resolves.toBe(
      'cached',
    );
    const caught = compose([async (_job, next) => next().catch((error: Error) => error.message)]);
    await expect(caught(job, () => Promise.reject(new Error('declined')))).resolves.toBe(
      'declined',
    );
  });

  it('turns what a middleware throws at once into a rejection', async () => {
    const run = compose([
      () => {
        throw new Error('at once');
      },
    ]);
    await expect(run(job, async () => 1)).rejects.toThrow('at once');
  });

  it('refuses a second next(), and runs the handler once', async () => {
    let runs = 0;
    const run = compose([
      async (_job, next) => {
        await next();
        return next();
      },
    ]);
    const outcome = run(job, async () => {
      runs += 1;
    });
    await expect(outcome).rejects.toThrow(NextCalledTwiceError);
    await expect(outcome).rejects.toThrow(
      "A middleware called next() twice in one run of 'charge': call it once, and leave repeating to the job's attempts",
    );
    expect(runs).toBe(1);
  });
});
