import type { RunRef } from '../../../src/idempotency/store.js';
import type { Forgery } from './moves.js';

/** A run as it lies about itself; `others` are runs of the same place, the oldest first. */
export function forged(run: RunRef, forgery: Forgery, others: readonly RunRef[]): RunRef {
  switch (forgery) {
    case 'none':
      return run;
    case 'token-of-another':
      return { ...run, token: others[0]?.token ?? run.token };
    case 'token-before':
      return { ...run, token: run.token - 1 };
    case 'token-after':
      return { ...run, token: run.token + 1 };
    case 'generation-before':
      return { ...run, generation: Math.max(1, run.generation - 1) };
    case 'generation-after':
      return { ...run, generation: run.generation + 1 };
    case 'start-before':
      return { ...run, start: Math.max(1, run.start - 1) };
    case 'id-of-another':
      return { ...run, id: others[0]?.id ?? run.id };
  }
}
