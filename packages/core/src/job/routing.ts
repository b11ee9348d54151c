import { refuseOption } from '@bulletproof/kernel';
import type { Call } from './call.js';
import { isLabel, LABEL } from './check-options.js';
import { UnknownQueueError } from './errors.js';
import type { KnownJob } from './registry.js';

/**
 * The queue a call goes to: its own, else its job's.
 * @param parsed what the input schema made of the call's input
 * @throws UnknownQueueError (`UNKNOWN_QUEUE`) when it is none of the app's.
 */
export function queueOf(
  { definition, resolved }: KnownJob,
  {
    call,
    parsed,
    queues,
  }: { readonly call: Call; readonly parsed: unknown; readonly queues: readonly string[] },
): string {
  const { queue: wanted = resolved.queue } = call.options ?? {};
  const queue = typeof wanted === 'function' ? wanted(parsed) : wanted;
  if (!queues.includes(queue)) throw new UnknownQueueError(definition.name, String(queue), queues);
  return queue;
}

/**
 * The idempotency key of a call: its own, else its job's; undefined when there is none.
 * @param parsed what the input schema made of the call's input
 * @throws InvalidOptionError (`INVALID_OPTION`) when the job's function makes no key.
 */
export function idempotencyKeyOf(
  { definition, resolved }: KnownJob,
  { call, parsed }: { readonly call: Call; readonly parsed: unknown },
): string | undefined {
  if (call.options?.idempotencyKey !== undefined) return call.options.idempotencyKey;
  if (!resolved.idempotencyKey) return undefined;
  const key: unknown = resolved.idempotencyKey(parsed);
  return isLabel(key)
    ? key
    : refuseOption(`${definition.name}.idempotencyKey`, `a function that returns ${LABEL}`, key);
}
