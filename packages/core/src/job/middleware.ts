import type { JobContext } from './context.js';
import { NextCalledTwiceError } from './errors.js';

/** Wraps every run of a handler; `next()` goes on to the next middleware and at last to the handler. */
export type Middleware = (job: JobContext, next: () => Promise<unknown>) => Promise<unknown>;

/** A run with all middlewares around it. */
export type ComposedRun = (job: JobContext, run: () => unknown) => unknown;

/**
 * One function out of many, the first being the outermost.
 * @throws NextCalledTwiceError (`NEXT_CALLED_TWICE`), as a rejection, when one of them calls `next` again.
 */
export function compose(middlewares: readonly Middleware[]): ComposedRun {
  if (middlewares.length === 0) return (_job, run) => run();
  const chain = [...middlewares];
  return (job, run) => {
    const dispatch = async (index: number): Promise<unknown> => {
      const middleware = chain[index];
      if (middleware === undefined) return run();
      let called = false;
      return middleware(job, async () => {
        if (called) throw new NextCalledTwiceError(job.name);
        called = true;
        return dispatch(index + 1);
      });
    };
    return dispatch(0);
  };
}
