import { Bulletproof, type CallStatus } from '@bulletproof/core';
import type { Stage } from '../conductor/stage.js';
import { type Charge, charge, type Receipt } from '../work/charge.js';
import type { Stories } from './runs.js';

const AT_ONCE = 200;

/** What the app says of a call that is enqueued once more, when all is over and nobody works. */
export interface AskedAgain {
  readonly deduplicated: boolean;
  readonly status: CallStatus<Receipt>;
}

/** Enqueues every call once more: each must be known, and ended. */
export async function askAgain(
  stage: Stage,
  charges: readonly Charge[],
): Promise<Map<string, AskedAgain>> {
  const app = new Bulletproof(stage.app);
  const answers = new Map<string, AskedAgain>();
  const ask = async (input: Charge): Promise<void> => {
    const handle = await app.enqueue(charge(input));
    const { deduplicated } = handle;
    answers.set(input.key, { deduplicated, status: (await handle.status()) as never });
  };
  try {
    for (let at = 0; at < charges.length; at += AT_ONCE) {
      await Promise.all(charges.slice(at, at + AT_ONCE).map(ask));
    }
  } finally {
    await app.close();
  }
  return answers;
}

/** Keys of calls that did not end well, or that the app knows nothing of. */
export function notEnded(answers: ReadonlyMap<string, AskedAgain>): string[] {
  return [...answers].flatMap(([key, { deduplicated, status }]) =>
    deduplicated && status.state === 'completed' ? [] : [key],
  );
}

/** Keys of calls whose result is not the effect that the ledger shows as recorded. */
export function resultsThatDiffer(
  answers: ReadonlyMap<string, AskedAgain>,
  { byKey }: Pick<Stories, 'byKey'>,
): string[] {
  return [...answers].flatMap(([key, { status }]) => {
    const last = byKey.get(key)?.findLast(({ receipt }) => receipt !== undefined);
    return status.result !== undefined && status.result.run === last?.receipt ? [] : [key];
  });
}
