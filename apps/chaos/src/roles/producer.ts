// A process that enqueues what it is asked to.
import { Bulletproof, isBulletproofError } from '@bulletproof/core';
import { pino } from 'pino';
import { Ledger } from '../ledger/ledger.js';
import { type Charge, charge } from '../work/charge.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

/** What an enqueue was answered. */
export interface EnqueueAnswer {
  readonly id?: string;
  readonly deduplicated?: boolean;
  /** Code of the error, when there was one. */
  readonly error?: string;
}

const { redisUrl, prefix, ledgerFile } = settings<RoleSettings>();
const ledger = new Ledger(ledgerFile);
const app = new Bulletproof({
  redis: redisUrl,
  prefix,
  // A standstill of this process is no reason to give up.
  enqueueTimeout: '60s',
  logger: pino({ level: 'silent' }),
});

async function enqueue(input: Charge): Promise<EnqueueAnswer> {
  try {
    const { id, deduplicated } = await app.enqueue(charge(input));
    return { id, deduplicated };
  } catch (error) {
    return { error: codeOf(error) };
  }
}

/** Enqueues one after the other, each until it is acknowledged, and writes into the ledger that it was. */
async function enqueueInTurn(charges: Iterator<Charge>): Promise<void> {
  for (let next = charges.next(); !next.done; next = charges.next()) {
    const { key, variant } = next.value;
    let answer = await enqueue(next.value);
    while (answer.error === 'REDIS_UNAVAILABLE') answer = await enqueue(next.value);
    const { id, deduplicated, error } = answer;
    const told = error ?? (deduplicated ? 'deduplicated' : 'enqueued');
    ledger.write({ what: 'answered', pid: process.pid, key, variant, id: id ?? '', answer: told });
  }
}

function codeOf(error: unknown): string {
  return isBulletproofError(error) ? error.code : String(error);
}

play({
  /** All at once. */
  enqueue: ({ charges }: { charges: readonly Charge[] }) => Promise.all(charges.map(enqueue)),
  async enqueueMany({ charges }: { charges: readonly Charge[] }) {
    const { enqueued, deduplicated, refused } = await app.enqueueMany(
      charges.map((input) => charge(input)),
    );
    const errors = refused.map(({ index, error }) => ({ index, error: codeOf(error) }));
    return { enqueued, deduplicated, refused: errors };
  },
  /** That many at once, until all are acknowledged. */
  async stream({ charges, atOnce }: { charges: readonly Charge[]; atOnce: number }) {
    const rest = charges.values();
    await Promise.all(Array.from({ length: atOnce }, () => enqueueInTurn(rest)));
  },
  /** Waits for the end of calls, and gives their results. */
  results: ({ ids }: { ids: readonly string[] }) =>
    Promise.all(ids.map((id) => app.call(id).result({ timeout: '60s' }))),
});
