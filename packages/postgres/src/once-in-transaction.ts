import {
  type JobContext,
  type Jsonified,
  LeaseLostError,
  ResultNotStorableError,
} from '@bulletproof/core';
import { rule } from '@bulletproof/kernel';
import { TransactionClosedError } from './errors.js';
import { ask, type Queryable, queryable } from './queryable.js';
import { markTransaction } from './transaction.js';

const MAX_NAME = 200;

/** Of a call with a key: where the id is kept under which its steps are recorded, also for the call after it. */
const OWNER_STEP = '@bulletproof/postgres: recorded under';

const stepName = rule.text({ maxLength: MAX_NAME });

const owners = new WeakMap<JobContext, Promise<string>>();

// The row stays locked until the transaction ends: runs of one call take turns, and the newest one is never overtaken.
const HOLD = `
  INSERT INTO bulletproof_calls AS held (id, fencing_token)
  SELECT $1, $2 WHERE current_setting('bulletproof.mark', true) = $3
  ON CONFLICT (id) DO UPDATE SET fencing_token = excluded.fencing_token, touched_at = now()
    WHERE held.fencing_token <= excluded.fencing_token
  RETURNING id`;

const FIND = `
  SELECT current_setting('bulletproof.mark', true) = $3 AS open,
    (SELECT array_agg(result) FROM bulletproof_steps WHERE call_id = $1 AND name = $2) AS recorded`;

const RECORD = `
  INSERT INTO bulletproof_steps (call_id, name, result)
  SELECT $1, $2, $3 WHERE current_setting('bulletproof.mark', true) = $4
  RETURNING name`;

/**
 * Runs `fn` once a call, and records that in the same transaction as what `fn` does with it: both are committed, or none.
 * Later runs of the call get the recorded result. `fn` may only do what a rollback undoes.
 * @param tx the client on which a transaction is open
 * @param job the context that the handler got
 * @param name of the step, 1 to 200 characters, unique in the job
 * @returns the value of `fn` after its round trip through JSON
 * @throws LeaseLostError (`LEASE_LOST`) when a newer run of the call has been here
 * @throws TransactionClosedError (`TRANSACTION_CLOSED`) when no transaction is open on `tx`, or `fn` ended it
 * @throws MissingMigrationError (`MISSING_MIGRATION`)
 * @throws ResultNotStorableError (`RESULT_NOT_STORABLE`) for a value that is no JSON; roll back
 */
export async function onceInTransaction<T>(
  tx: Queryable,
  job: JobContext,
  name: string,
  fn: () => T,
): Promise<Jsonified<Awaited<T>>> {
  queryable(tx, 'onceInTransaction tx');
  stepName(name, 'onceInTransaction name');
  const owner = await ownerOf(job);
  const mark = await markTransaction(tx);
  const held = await ask(tx, HOLD, [owner, job.fencingToken, mark]);
  const [found] = await ask<Found>(tx, FIND, [owner, name, mark]);
  if (!found?.open) throw new TransactionClosedError();
  if (held.length === 0) {
    throw new LeaseLostError(job.name, job.id, 'a newer run of it has written to the database');
  }
  if (found.recorded) return fromJson(found.recorded[0]) as Jsonified<Awaited<T>>;

  const value = await fn();
  const json = toJson(value, job.name, name);
  const recorded = await ask(tx, RECORD, [owner, name, json ?? null, mark]);
  if (recorded.length === 0) throw new TransactionClosedError();
  return fromJson(json) as Jsonified<Awaited<T>>;
}

interface Found extends Record<string, unknown> {
  readonly open: boolean;
  readonly recorded: readonly (string | null)[] | null;
}

/**
 * The id under which the call's steps are recorded. A call that follows a dead one under the same key and input inherits
 * its recorded steps; through one of them it learns where those in the database are.
 */
function ownerOf(job: JobContext): Promise<string> {
  if (job.idempotencyKey === undefined) return Promise.resolve(job.id);
  let owner = owners.get(job);
  if (!owner) {
    owner = job.step(OWNER_STEP, () => job.id);
    owners.set(job, owner);
  }
  return owner;
}

function toJson(value: unknown, job: string, step: string): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new ResultNotStorableError(job, step, { cause });
  }
}

function fromJson(json: string | null | undefined): unknown {
  return json == null ? undefined : JSON.parse(json);
}
