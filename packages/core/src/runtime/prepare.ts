import { type Clock, digest, PayloadTooLargeError } from '@bulletproof/kernel';
import type { RecordAddress } from '../idempotency/store.js';
import type { Call } from '../job/call.js';
import {
  callFacts,
  idempotencyKeyOf,
  type JobRegistry,
  type KnownJob,
  parseCall,
  queueOf,
  validateInput,
} from '../job/internal.js';
import type { Delivery } from './delivery.js';
import { CallIdConflictError } from './errors.js';
import {
  callAddress,
  isAnonymousId,
  isKeyedId,
  isMadeId,
  keyAddress,
  newCallId,
} from './identity.js';

/** A call that has passed all checks and is ready for its transition. */
export interface Prepared {
  readonly call: Call;
  readonly delivery: Delivery;
  /** Waiting that long after it may start, it is to be moved to another queue. */
  readonly riseAfterMs?: number;
}

/** What preparing works with. */
export interface PrepareParts {
  readonly registry: JobRegistry;
  readonly queueNames: readonly string[];
  readonly clock: Clock;
  readonly maxPayloadBytes: number;
}

/**
 * Checks a call at the edge and turns it into a delivery: nothing is written before all of it is known to be good.
 * Synchronous unless the job's schema is not.
 */
export function prepare(parts: PrepareParts, given: Call): Prepared | Promise<Prepared> {
  const call = parseCall(given);
  const job = parts.registry.resolve(call);
  const { inputBytes } = callFacts(call);
  if (inputBytes > parts.maxPayloadBytes) {
    throw new PayloadTooLargeError(`${call.job} input`, inputBytes, parts.maxPayloadBytes);
  }
  const parsed = validateInput(job.definition, call.input);
  return parsed instanceof Promise
    ? parsed.then((input) => toPrepared(parts, call, job, input))
    : toPrepared(parts, call, job, parsed);
}

function toPrepared(parts: PrepareParts, call: Call, job: KnownJob, parsed: unknown): Prepared {
  const options = call.options ?? {};
  const now = parts.clock.nowMs();
  const key = idempotencyKeyOf(job, { call, parsed });
  // What may be moved needs a record, and each of its deliveries asks: one that was left behind must not run.
  const { escalate } = job.resolved;
  const mayRise = escalate.length > 0;
  const named =
    key !== undefined
      ? keyAddress(call.job, key)
      : options.id === undefined || isAnonymousId(options.id)
        ? undefined
        : callAddress(options.id);
  const id = options.id ?? newCallId(named);
  const address = named ?? (mayRise ? callAddress(id) : undefined);
  if (address && !idFits(id, address)) {
    throw new CallIdConflictError(call.job, id);
  }
  // Every field, always: deliveries of one shape are cheap to copy and to write.
  const delivery: Delivery = {
    id,
    name: call.job,
    queue: queueOf(job, { call, parsed, queues: parts.queueNames }),
    input: call.input,
    attempts: options.attempts ?? job.resolved.attempts,
    dueAtMs: dueAt(options, now),
    timeoutMs: options.timeout,
    expiresAtMs: options.expiresAfter === undefined ? undefined : now + options.expiresAfter,
    idempotencyKey: key,
    address,
    digest: address && digestOf(call, address),
    generation: 1,
    token: undefined,
    ask: mayRise || undefined,
    enqueuedAtMs: now,
    again: (options.id !== undefined && isMadeId(id)) || undefined,
  };
  const [first] = escalate;
  return first ? { call, delivery, riseAfterMs: first.after } : { call, delivery };
}

/** What an equal call must agree on; the address of a key says which job it is, that of an id does not. */
function digestOf({ job, input = null }: Call, { kind }: RecordAddress): string {
  return digest(kind === 'key' ? input : [job, input]);
}

/** An id that looks like a keyed call's names a record: it must be the record of this very key. */
function idFits(id: string, { kind, name }: RecordAddress): boolean {
  return !isKeyedId(id) || (kind === 'key' && id.startsWith(`k-${name}-`));
}

function dueAt(options: NonNullable<Call['options']>, now: number): number | undefined {
  if (options.at !== undefined) return options.at;
  return options.delay ? now + options.delay : undefined;
}
