import {
  type AnyJobReference,
  type Bulletproof,
  type Call,
  type CallOptions,
  isBulletproofError,
} from '@bulletproof/core';
import { ask, type Queryable } from './queryable.js';

/** How a batch was relayed. */
export interface Relayed {
  /** Rows that were taken. */
  readonly taken: number;
  readonly enqueued: number;
  /** Of these, calls that were known already: relayed before, or equal to one that was. */
  readonly deduplicated: number;
  /** Calls that the app refuses for good; they stay in the table with the reason. */
  readonly refused: readonly Refusal[];
  /** Calls whose job or queue the app does not know yet; they are tried again. */
  readonly postponed: readonly Refusal[];
}

/** A call that was not enqueued. */
export interface Refusal {
  readonly id: string;
  readonly error: Error;
}

interface Entry extends Record<string, unknown> {
  readonly id: string;
  readonly call_id: string;
  readonly call: string;
  readonly age_ms: string | number;
}

// Of an ordering key only the oldest row: the next one may go when that is relayed. Rows that another relay has are
// skipped, but still stand before those behind them.
const TAKE = `
  SELECT id, call_id, call, extract(epoch FROM clock_timestamp() - created_at) * 1000 AS age_ms
  FROM bulletproof_outbox AS entry
  WHERE refused_at IS NULL AND (retry_at IS NULL OR retry_at <= now())
    AND (ordering_key IS NULL OR NOT EXISTS (
      SELECT FROM bulletproof_outbox AS earlier
      WHERE earlier.ordering_key = entry.ordering_key AND earlier.id < entry.id
        AND earlier.refused_at IS NULL))
  ORDER BY id LIMIT $1
  FOR UPDATE SKIP LOCKED`;

const DELETE = `DELETE FROM bulletproof_outbox WHERE id = ANY($1::bigint[])`;

const REFUSE = `
  UPDATE bulletproof_outbox AS entry SET refused_at = now(), refusal = refused.reason
  FROM unnest($1::bigint[], $2::text[]) AS refused (id, reason)
  WHERE entry.id = refused.id`;

const POSTPONE = `
  UPDATE bulletproof_outbox SET retry_at = now() + interval '1 minute' WHERE id = ANY($1::bigint[])`;

type Reference = (input: unknown, options?: CallOptions) => Call;

/** The jobs of a relay, besides those that are registered in its app. */
export type RelayJobs = ReadonlyMap<string, Reference>;

/** How a batch is relayed. */
export interface RelayParts {
  readonly app: Bulletproof;
  readonly jobs: RelayJobs;
  readonly limit: number;
}

/** Finds references by the names of their jobs. */
export function jobsByName(references: readonly AnyJobReference[]): RelayJobs {
  return new Map(references.map((job) => [job.name, job as unknown as Reference]));
}

/** Codes of refusals that end by themselves when the app that knows more comes (a rolling deploy). */
const NOT_YET = ['UNKNOWN_JOB', 'UNKNOWN_QUEUE', 'NO_HANDLER'];
/** Codes of refusals that say nothing of the call. */
const NOT_NOW = ['REDIS_UNAVAILABLE', 'APP_CLOSED'];

/**
 * Relays one batch within the transaction: enqueue first, then forget. A crash in between relays the rows again, and a
 * call that is enqueued twice under one id is one call.
 * @throws the app's error when Redis could not be used; roll back, and the rows stay
 */
export async function relayBatch(
  tx: Queryable,
  { app, jobs, limit }: RelayParts,
): Promise<Relayed> {
  const entries = await ask<Entry>(tx, TAKE, [limit]);
  if (entries.length === 0) return NOTHING;
  const { readable, refusals } = read(entries, jobs);
  const { enqueued, deduplicated, refused } = await app.enqueueMany(
    readable.map(({ call }) => call),
  );
  for (const { index, error } of refused) {
    const entry = readable[index]?.entry;
    if (isOneOf(error, NOT_NOW)) throw error;
    if (entry) refusals.push({ entry, error });
  }
  const later = refusals.filter(({ error }) => isOneOf(error, NOT_YET));
  const never = refusals.filter(({ error }) => !isOneOf(error, NOT_YET));
  const kept = new Set(refusals.map(({ entry }) => entry));

  await ask(tx, DELETE, [idsOf(entries.filter((entry) => !kept.has(entry)))]);
  if (later.length > 0) await ask(tx, POSTPONE, [idsOf(later.map(({ entry }) => entry))]);
  if (never.length > 0) {
    const reasons = never.map(({ error }) => String(error));
    await ask(tx, REFUSE, [idsOf(never.map(({ entry }) => entry)), reasons]);
  }
  return {
    taken: entries.length,
    enqueued,
    deduplicated,
    refused: never.map(named),
    postponed: later.map(named),
  };
}

interface RefusedEntry {
  readonly entry: Entry;
  readonly error: Error;
}

const named = ({ entry, error }: RefusedEntry): Refusal => ({ id: entry.call_id, error });

const idsOf = (entries: readonly Entry[]): string[] => entries.map(({ id }) => id);

/** The calls of the rows. One that cannot be made stands in nobody's way. */
function read(entries: readonly Entry[], jobs: RelayJobs) {
  const readable: { readonly entry: Entry; readonly call: Call }[] = [];
  const refusals: RefusedEntry[] = [];
  for (const entry of entries) {
    try {
      readable.push({ entry, call: toCall(entry, jobs) });
    } catch (error) {
      refusals.push({ entry, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return { readable, refusals };
}

const NOTHING: Relayed = { taken: 0, enqueued: 0, deduplicated: 0, refused: [], postponed: [] };

/** The call as it was kept, made by its reference if there is one. */
function toCall(entry: Entry, jobs: RelayJobs): Call {
  const { job, input, options } = inTime(entry);
  return jobs.get(job)?.(input, options) ?? ({ job, input, options } as Call);
}

/** The time that it lay here is taken off what it may wait. */
function inTime({ call, age_ms }: Entry): Call {
  const kept = JSON.parse(call) as Call;
  const expiresAfter = kept.options?.expiresAfter;
  if (expiresAfter === undefined) return kept;
  const left = Math.max(1, Math.round(expiresAfter - Number(age_ms)));
  return { ...kept, options: { ...kept.options, expiresAfter: left } };
}

function isOneOf(error: Error, codes: readonly string[]): boolean {
  return codes.some((code) => isBulletproofError(error, code));
}
