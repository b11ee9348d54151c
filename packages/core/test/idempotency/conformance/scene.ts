import type { AdmitRequest, RecordAddress, RunRef } from '../../../src/idempotency/store.js';
import type { Subject } from '../subject.js';

/** A behaviour that every store must have. */
export interface ConformanceCase {
  readonly title: string;
  /** Throws when the store does not behave so. */
  run(subject: Subject): Promise<void>;
}

/** Lease of the cases, ms. */
export const LEASE_MS = 10_000;
/** How long the cases keep what is done, ms. */
export const KEEP_MS = 60_000;
/** How long the cases keep what is dead or cancelled, ms. */
export const KEEP_DEAD_MS = 600_000;
/** Life of an anonymous call's record in the cases, ms. */
export const ANONYMOUS_MS = 300_000;
/** The story of the dead in the cases. */
export const STORY = '{"error":"no money"}';
/** The result of the cases. */
export const RESULT = '{"charged":1}';
/** The reason of cancelling in the cases. */
export const REASON = 'not wanted';

/** The record of the key that most cases are about. */
export const KEY: RecordAddress = { kind: 'key', name: 'order-42' };

/** A call under the key, by default the first one. */
export function keyedCall(id = 'first', digest = 'one-input'): AdmitRequest {
  return { address: KEY, id, digest, queue: 'default', envelope: `{"made":"${id}"}` };
}

/** A run of a keyed call. */
export function runOf({ address, id, digest, queue }: AdmitRequest, run: Partial<RunRef>): RunRef {
  const first = { generation: 1, start: 1, token: 0, ttlMs: 0 };
  return { address, id, digest, queue, ...first, ...run };
}

/** A run of a call that has no record yet. */
export function anonymousRun(id = 'nobody', run: Partial<RunRef> = {}): RunRef {
  const address: RecordAddress = { kind: 'call', name: id };
  const first = { generation: 1, start: 1, token: 1, ttlMs: ANONYMOUS_MS };
  return { address, id, digest: '', queue: 'default', ...first, ...run };
}

/** How a call is cancelled in the cases. */
export function cancellation(
  call: Pick<RunRef, 'address' | 'id'>,
  how: { readonly create?: boolean; readonly idle?: boolean; readonly reason?: string } = {},
) {
  const { create = false, idle = false, reason = REASON } = how;
  const { address, id } = call;
  const kept = { queue: 'low', leaseMs: LEASE_MS, keepMs: KEEP_DEAD_MS };
  return { address, id, reason, create, idle, ...kept };
}

/** How a dead call is revived in the cases. */
export function revival({ address, id, digest, ttlMs = 0 }: Partial<RunRef> & AdmitLike) {
  return { address, id, digest, queue: 'high', envelope: `{"again":"${id}"}`, ttlMs };
}

type AdmitLike = Pick<RunRef, 'address' | 'id' | 'digest'>;

/** Where a call can stand. */
export type Stand =
  | 'missing'
  | 'waiting'
  | 'running'
  | 'lapsed'
  | 'snoozed'
  | 'released'
  | 'done'
  | 'dead'
  | 'cancelled'
  | 'revived';

/** All of them. */
export const STANDS: readonly Stand[] = [
  'missing',
  'waiting',
  'running',
  'lapsed',
  'snoozed',
  'released',
  'done',
  'dead',
  'cancelled',
  'revived',
];

/** Brings a call to where it shall stand; answers its newest run. */
export async function reach(subject: Subject, stand: Stand, call = keyedCall()): Promise<RunRef> {
  const { store } = subject;
  if (stand === 'missing') return runOf(call, { token: subject.now() * 1000 });
  const first = runOf(call, { token: await admitted(subject, call) });
  if (stand === 'waiting') return first;
  const run = await claimed(subject, first);
  switch (stand) {
    case 'running':
      break;
    case 'lapsed':
      await subject.advance(LEASE_MS);
      break;
    case 'snoozed':
      await store.release(run, { create: false, untilMs: subject.now() + KEEP_MS });
      break;
    case 'released':
      await store.release(run, { create: false });
      break;
    case 'done':
      await store.complete(run, RESULT, KEEP_MS);
      break;
    case 'cancelled':
      await store.cancel(cancellation(call));
      break;
    case 'dead':
      await store.bury(run, STORY, KEEP_DEAD_MS);
      break;
    case 'revived': {
      await store.bury(run, STORY, KEEP_DEAD_MS);
      const { generation, token } = tagged(await store.revive(revival(call)), 'revived');
      return runOf(call, { generation, token });
    }
  }
  return run;
}

/** Admits a call and answers its token. */
export async function admitted({ store }: Subject, call: AdmitRequest): Promise<number> {
  return tagged(await store.admit(call), 'admitted').token;
}

/** Claims for a run and answers it with its new token. */
export async function claimed({ store }: Subject, run: RunRef): Promise<RunRef> {
  const { token } = tagged(await store.claim(run, LEASE_MS), 'claimed');
  return { ...run, token };
}

/** The reply when it has the tag. @throws Error when it has another */
export function tagged<R extends { readonly tag: string }, T extends R['tag']>(
  reply: R,
  tag: T,
): Extract<R, { tag: T }> {
  if (reply.tag !== tag) throw new Error(`expected ${tag}, got ${JSON.stringify(reply)}`);
  return reply as Extract<R, { tag: T }>;
}

/** What is found at the place of the cases. */
export async function found({ store }: Subject, { address, id } = keyedCall()) {
  return tagged(await store.inspect(address, id), 'found');
}

/** The steps of a claim's reply, in one order. */
export function stepsOf(flat: readonly string[]): Record<string, string> {
  const steps: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) steps[flat[at] ?? ''] = flat[at + 1] ?? '';
  return steps;
}
