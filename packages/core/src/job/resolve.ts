import { checkTogether, refuseOption } from '@bulletproof/kernel';
import type { ResolvedBackoff } from './backoff.js';
import type { DeclaredDefaults } from './check-options.js';
import type { JobDefinition } from './definition.js';
import { UnknownQueueError } from './errors.js';

/** What a job does in one app: every option decided, durations in milliseconds. */
export interface ResolvedJobOptions {
  readonly queue: string | ((input: unknown) => string);
  /** In order of time; each step to a more urgent queue. */
  readonly escalate: readonly { readonly after: number; readonly to: string }[];
  readonly idempotencyKey: ((input: unknown) => string) | undefined;
  readonly keepForMs: number;
  readonly attempts: number;
  readonly backoff: ResolvedBackoff;
  /** Undefined: an attempt may take as long as it likes. */
  readonly timeoutMs: number | undefined;
}

/** What an app brings to the options of its jobs. */
export interface AppOptions {
  readonly defaults: Partial<DeclaredDefaults>;
  /** Most urgent first; at least one. */
  readonly queues: readonly string[];
}

const ATTEMPTS = 5;
const KEEP_FOR_MS = 24 * 3_600_000;
const BACKOFF_DELAY_MS = 1_000;
const BACKOFF_MAX_MS = 3_600_000;
const BACKOFF_JITTER = 0.5;

/**
 * Decides the options of a job in an app: the job's own, else the app's defaults, else ours.
 * @throws UnknownQueueError (`UNKNOWN_QUEUE`) when the job names a queue that the app does not have.
 * @throws InvalidOptionError (`INVALID_OPTION`) when options of both do not go together.
 */
export function resolveJobOptions(definition: JobDefinition, app: AppOptions): ResolvedJobOptions {
  const { options } = definition;
  const { defaults } = app;
  return Object.freeze({
    queue: queueOf(definition, app.queues),
    escalate: escalationOf(definition, app.queues),
    idempotencyKey: options.idempotencyKey,
    keepForMs: options.idempotency?.keepFor ?? defaults.idempotency?.keepFor ?? KEEP_FOR_MS,
    attempts: options.attempts ?? defaults.attempts ?? ATTEMPTS,
    backoff: backoffOf(definition, defaults),
    timeoutMs: options.timeout ?? defaults.timeout,
  });
}

function queueOf(
  { name, options }: JobDefinition,
  queues: readonly string[],
): ResolvedJobOptions['queue'] {
  const queue = options.queue ?? defaultQueue(queues);
  if (typeof queue === 'string' && !queues.includes(queue)) {
    throw new UnknownQueueError(name, queue, queues);
  }
  return queue;
}

/** With a queue that a function chooses, a first step that does not rise is left out when the call is there. */
function escalationOf(
  { name, options }: JobDefinition,
  queues: readonly string[],
): ResolvedJobOptions['escalate'] {
  const steps = options.escalate ?? [];
  const queue = options.queue ?? defaultQueue(queues);
  let rank = typeof queue === 'string' ? queues.indexOf(queue) : queues.length;
  let before = 0;
  for (const [at, { after, to }] of steps.entries()) {
    const where = `${name}.escalate[${at}]`;
    if (!queues.includes(to)) throw new UnknownQueueError(name, to, queues);
    if (after <= before) refuseOption(`${where}.after`, `a duration above ${before} ms`, after);
    if (queues.indexOf(to) >= rank) {
      const above = queues.slice(0, rank).join(', ') || 'none: nothing is above it';
      refuseOption(`${where}.to`, `a queue that is more urgent than before (${above})`, to);
    }
    before = after;
    rank = queues.indexOf(to);
  }
  return Object.freeze([...steps]);
}

function defaultQueue(queues: readonly string[]): string {
  const [first = 'default'] = queues;
  return queues.includes('default') ? 'default' : first;
}

function backoffOf(
  { name, options }: JobDefinition,
  defaults: AppOptions['defaults'],
): ResolvedBackoff {
  const max = options.backoff?.max ?? defaults.backoff?.max;
  const delay = options.backoff?.delay ?? defaults.backoff?.delay;
  // our own delay and cap give way to what is given
  const delayMs = delay ?? Math.min(BACKOFF_DELAY_MS, max ?? BACKOFF_DELAY_MS);
  const maxMs = max ?? Math.max(BACKOFF_MAX_MS, delayMs);
  checkTogether(`${name}.backoff`, { max: maxMs }, [
    {
      option: 'max',
      expected: `a duration not below the delay of ${delayMs} ms`,
      holds: () => maxMs >= delayMs,
    },
  ]);
  return Object.freeze({
    type: options.backoff?.type ?? defaults.backoff?.type ?? 'exponential',
    delayMs,
    maxMs,
    jitter: options.backoff?.jitter ?? defaults.backoff?.jitter ?? BACKOFF_JITTER,
  });
}
