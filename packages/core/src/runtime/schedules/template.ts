import { digest } from '@bulletproof/kernel';
import type { Call } from '../../job/call.js';
import { parseCall } from '../../job/internal.js';
import type { Delivery } from '../delivery.js';
import { keyAddress, newCallId } from '../identity.js';
import type { Prepared } from '../prepare.js';

/** What every call of a schedule is made from; kept in its record, so that any worker can enqueue a tick. */
export interface CallTemplate {
  readonly job: string;
  readonly queue: string;
  readonly input?: unknown;
  readonly attempts: number;
  readonly timeoutMs?: number;
  readonly expiresAfterMs?: number;
}

/** Ends the ids of runs of ticks, which are otherwise like those of all keyed calls. */
const TICK_ID_END = '-schedule';

/** The idempotency key of a tick: the run of a tick is an effect of its own, and happens once. */
export function tickKey(schedule: string, at: number): string {
  return `${schedule}@${new Date(at).toISOString()}`;
}

/** The id of the run of a tick: always the same one. */
export function tickId(job: string, key: string): string {
  return `k-${keyAddress(job, key).name}${TICK_ID_END}`;
}

/** The schedule that a call is a tick of; undefined when it is none. */
export function scheduleOfCall(call: {
  readonly id: string;
  readonly key?: string;
}): string | undefined {
  if (!call.id.endsWith(TICK_ID_END) || call.key === undefined) return undefined;
  return call.key.slice(0, call.key.lastIndexOf('@'));
}

/** The template of a call that has passed all checks. */
export function templateOf({ call, delivery }: Prepared): CallTemplate {
  const { name: job, queue, input, attempts, timeoutMs } = delivery;
  const expiresAfterMs = call.options?.expiresAfter;
  return {
    job,
    queue,
    ...(input === undefined ? {} : { input }),
    attempts,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(expiresAfterMs === undefined ? {} : { expiresAfterMs }),
  };
}

/** A call out of a template, ready for its transition; without `id` it gets a new one. */
export function preparedOf(
  { expiresAfterMs, job, ...template }: CallTemplate,
  { key, id, nowMs }: { readonly key: string; readonly id?: string; readonly nowMs: number },
): Prepared {
  const address = keyAddress(job, key);
  const delivery: Delivery = {
    ...template,
    name: job,
    id: id ?? newCallId(address),
    ...(expiresAfterMs === undefined ? {} : { expiresAtMs: nowMs + expiresAfterMs }),
    idempotencyKey: key,
    address,
    digest: digest(template.input ?? null),
    generation: 1,
    enqueuedAtMs: nowMs,
    // Another one may have died between the transition and the add.
    ...(id === undefined ? {} : { again: true }),
  };
  const { input } = template;
  const data = { job, options: { idempotencyKey: key }, ...(input === undefined ? {} : { input }) };
  return { call: parseCall(data as unknown as Call), delivery };
}
