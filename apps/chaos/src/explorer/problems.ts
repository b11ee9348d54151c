import { Bulletproof } from '@bulletproof/core';
import {
  effectsOf,
  overlapping,
  receiptsThatDiffer,
  tokensThatDoNotGrow,
} from '../audit/effects.js';
import { ownKeysWithoutEnd } from '../audit/keys-left.js';
import { storiesOf } from '../audit/runs.js';
import type { Stage } from '../conductor/stage.js';
import type { LedgerLine } from '../ledger/lines.js';
import { type Charge, charge, type Receipt } from '../work/charge.js';

/** What is looked at when a life, or its recovery, is over. */
export interface Remains {
  readonly prefix: string;
  readonly lines: readonly LedgerLine[];
  readonly input: Charge;
  /** Redis had the effect on record when the app died. */
  readonly isRecorded: boolean;
}

/** The invariants that do not hold. */
export async function problemsOf(
  stage: Stage,
  { prefix, lines, input, isRecorded }: Remains,
): Promise<{ problems: readonly string[]; isRepeated: boolean }> {
  const stories = storiesOf(lines);
  const runs = stories.byKey.get(input.key) ?? [];
  // Cut off by the end of its process, or from Redis for longer than its lease.
  const effects = effectsOf(
    stories,
    [input.key],
    ({ end }) => end?.how === 'killed' || end?.error === 'LEASE_LOST',
  );
  const app = new Bulletproof({ ...stage.app, prefix, queues: ['default'] });
  try {
    const handle = await app.enqueue(charge(input));
    const status = await handle.status();
    const [queue] = await app.queues.status();
    const result = status.result as Receipt | undefined;
    const receipt = runs.findLast((run) => run.receipt !== undefined)?.receipt;
    const left = await ownKeysWithoutEnd(stage, prefix);
    const open = (queue?.waiting ?? 0) + (queue?.delayed ?? 0) + (queue?.running ?? 0);
    const invariants: readonly (readonly [holds: boolean, name: string])[] = [
      [handle.deduplicated, 'the key is known'],
      [status.state === 'completed', `the call has completed, not ${status.state}`],
      [status.attempt === 1, `it ended in attempt 1, not ${status.attempt}`],
      [effects.missing.length === 0, 'its effect was made'],
      [effects.doubled.length === 0, 'its effect was not doubled'],
      [!(isRecorded && effects.count > 1), 'a recorded effect was not repeated'],
      [effects.count <= 2, `at most one repeat, not ${effects.count - 1}`],
      [result !== undefined && result.run === receipt, 'its result is the recorded effect'],
      [receiptsThatDiffer(stories).length === 0, 'its step is remembered'],
      [tokensThatDoNotGrow(stories).length === 0, 'its fencing tokens grow'],
      [overlapping(stories).length === 0, 'one run at a time'],
      [open === 0, `nothing is left in the queue, not ${open}`],
      [left.length === 0, `no key is left for ever, not ${left.join(' ')}`],
    ];
    return {
      problems: invariants.flatMap(([holds, name]) => (holds ? [] : [name])),
      isRepeated: effects.repeated > 0,
    };
  } finally {
    await app.close();
  }
}
