import type { AdmitRequest, RecordStore, RunRef } from '../../../src/idempotency/store.js';

export const LEASE_MS = 60_000;
export const KEEP_MS = 60_000;

/** A call under a key of the round's own; ids are unique, as in the runtime. */
export function callOf(round: number, name = 'first', digest = 'one-input'): AdmitRequest {
  const id = `${name}-${round}`;
  const address = { kind: 'key', name: `order-${round}` } as const;
  return { address, id, digest, queue: 'default', envelope: `{"made":"${id}"}` };
}

/** The first run of a call that is admitted here. */
export async function admittedRun(store: RecordStore, call: AdmitRequest): Promise<RunRef> {
  const reply = await store.admit(call);
  if (reply.tag !== 'admitted') throw new Error(`not admitted: ${JSON.stringify(reply)}`);
  const { address, id, digest, queue } = call;
  const { generation, token } = reply;
  return { address, id, digest, queue, generation, token, start: 1, ttlMs: 0 };
}

/** The same run when it has claimed its call; a lease of 0 has lapsed at once. */
export async function claimedRun(
  store: RecordStore,
  run: RunRef,
  leaseMs = LEASE_MS,
): Promise<RunRef> {
  const reply = await store.claim(run, leaseMs);
  if (reply.tag !== 'claimed') throw new Error(`not claimed: ${JSON.stringify(reply)}`);
  return { ...run, token: reply.token };
}

/** A dead call. */
export async function deadRun(store: RecordStore, call: AdmitRequest): Promise<RunRef> {
  const run = await claimedRun(store, await admittedRun(store, call));
  await store.bury(run, '{}', KEEP_MS);
  return run;
}

/** How a call is cancelled in the races. */
export function cancellation({ address, id }: Pick<RunRef, 'address' | 'id'>, idle = false) {
  const rest = { reason: 'not wanted', queue: 'default', create: false };
  return { address, id, idle, leaseMs: LEASE_MS, keepMs: KEEP_MS, ...rest };
}

/** How a dead call is revived in the races. */
export function revival({ address, id, digest }: RunRef) {
  return { address, id, digest, queue: 'default', envelope: `{"again":"${id}"}`, ttlMs: 0 };
}

/** The replies' tags as one text. */
export function outcome(...replies: readonly ({ readonly tag: string } | boolean)[]): string {
  return replies.map((reply) => (typeof reply === 'boolean' ? reply : reply.tag)).join(' / ');
}
