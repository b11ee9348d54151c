import { defineJob, type JobContext, type JobReference } from '@bulletproof/core';
import type { Ledger } from '../ledger/ledger.js';
import type { Random } from '../random.js';

/** The input of the job that every scenario runs. */
export interface Charge {
  readonly key: string;
  /** Tells inputs of one key apart. */
  readonly variant: number;
  /** How long the handler takes before its effect, between the effect and the end of its step, and after the step, ms. */
  readonly paceMs: readonly [before: number, acting: number, after: number];
  /** The handler does not listen to its signal. */
  readonly isDeaf?: boolean;
}

/** What the handler returns: which run's effect was recorded, and for which input. */
export interface Receipt {
  readonly run: string;
  readonly variant: number;
}

const NAME = 'charge';
const options = { name: NAME, idempotencyKey: ({ key }: Charge) => key };

/** The job as a producer knows it. */
export const charge = defineJob<Charge, Receipt>(options);

let runs = 0;

/** The job with its handler: it writes into the ledger what it does, as it does it. The effect is the line `acted`; `pid` names the life that it belongs to. */
export function chargeOnto(
  ledger: Pick<Ledger, 'write'>,
  pid = process.pid,
): JobReference<Charge, unknown> {
  return defineJob(options, async (input: Charge, job: JobContext) => {
    runs += 1;
    const { key, variant, paceMs, isDeaf } = input;
    const signal = isDeaf ? undefined : job.signal;
    const run = `${pid}-${runs}`;
    const facts = { pid, key, run };
    ledger.write({ ...facts, what: 'began', attempt: job.attempt, token: job.fencingToken });
    try {
      await pause(paceMs[0], signal);
      const receipt = await job.step('charge', async (): Promise<Receipt> => {
        ledger.write({ ...facts, what: 'acted' });
        await pause(paceMs[1]);
        return { run, variant };
      });
      ledger.write({ ...facts, what: 'recorded', receipt: receipt.run });
      await pause(paceMs[2], signal);
      ledger.write({ ...facts, what: 'returned' });
      return receipt;
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      ledger.write({ ...facts, what: 'threw', error: code ?? name ?? String(error) });
      throw error;
    }
  });
}

/** An input whose handler takes up to `mostMs` at each of its three stages. */
export function chargeOf(key: string, random: Random, mostMs: number): Charge {
  const draw = (): number => random.between(0, mostMs);
  return { key, variant: 1, paceMs: [draw(), draw(), draw()] };
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
