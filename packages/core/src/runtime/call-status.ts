import { reviveError, type SerializedError } from '@bulletproof/kernel';
import type { InspectReply } from '../idempotency/store.js';
import type { DeadStory } from './dead-story.js';
import type { DeliveryView } from './queue-port.js';

/** Where a call stands. `unknown`: nothing is kept of it, or the id never existed. */
export type CallState =
  | 'waiting'
  | 'delayed'
  | 'running'
  | 'snoozed'
  | 'completed'
  | 'dead'
  | 'cancelled'
  | 'unknown';

/** What `status()` answers; times are epoch milliseconds. */
export interface CallStatus<R = unknown> {
  readonly state: CallState;
  readonly queue: string;
  /** The attempt that runs or ran last; 0 before the first. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** What `job.progress` published last; absent also after 0 and null, which BullMQ keeps for «nothing yet». */
  readonly progress?: unknown;
  readonly result?: R;
  /** Of a dead call, or of the last attempt that failed. */
  readonly error?: SerializedError;
  /** Why it was cancelled. */
  readonly reason?: string;
  readonly enqueuedAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

const FROM_VIEW: Record<DeliveryView['state'], CallState> = {
  waiting: 'waiting',
  delayed: 'delayed',
  running: 'running',
  completed: 'completed',
  failed: 'dead',
};

/** True when nothing more will happen to the call by itself. */
export function isFinal(state: CallState): boolean {
  return state === 'completed' || state === 'dead' || state === 'cancelled' || state === 'unknown';
}

/**
 * Puts together what the record and the queue say. The record decides what has ended; of an open call the queue
 * knows more.
 */
export function statusOf(
  id: string,
  record: InspectReply,
  view: DeliveryView | undefined,
  queue: string,
): CallStatus {
  const own = record.tag === 'found' && record.id === id ? record : undefined;
  const told = record.tag === 'pointer' ? undefined : record.story;
  const story = told === undefined ? undefined : (JSON.parse(told) as DeadStory);
  const reason = own?.reason ?? (record.tag === 'pointer' ? undefined : record.cancelledFor);
  const state = stateOf(own?.state, view, { hasStory: story !== undefined, reason });
  return {
    state,
    queue: own?.queue || view?.delivery.queue || story?.delivery.queue || queue,
    attempt: attemptOf(state, own?.start ?? 0, view, story),
    maxAttempts: view?.maxAttempts ?? story?.maxAttempts ?? 0,
    ...(view === undefined || view.progress === 0 ? {} : { progress: view.progress }),
    ...resultOf(state, own?.result, view),
    ...errorOf(state, view, story),
    ...(state === 'cancelled' && reason ? { reason } : {}),
    enqueuedAt: own?.enqueuedAtMs ?? view?.enqueuedAtMs ?? story?.delivery.enqueuedAtMs ?? 0,
    ...defined('startedAt', view?.startedAtMs),
    ...defined(
      'finishedAt',
      isFinal(state)
        ? (own?.finishedAtMs ??
            view?.finishedAtMs ??
            (record.tag === 'pointer' ? undefined : record.diedAtMs))
        : undefined,
    ),
  };
}

/** The error of a dead call's story, as `result()` gives it for a cause. */
export function causeOf(status: CallStatus): Error | undefined {
  return status.error === undefined ? undefined : reviveError(status.error);
}

function stateOf(
  recorded: string | undefined,
  view: DeliveryView | undefined,
  { hasStory, reason }: { readonly hasStory: boolean; readonly reason: string | undefined },
): CallState {
  if (recorded === 'done') return 'completed';
  if (recorded === 'dead' || (recorded === undefined && hasStory)) return 'dead';
  if (recorded === 'cancelled') return 'cancelled';
  if (recorded === undefined && view === undefined && reason !== undefined) return 'cancelled';
  if (view === undefined) return recorded === undefined ? 'unknown' : (recorded as CallState);
  if (view.state === 'delayed' && recorded === 'snoozed') return 'snoozed';
  return FROM_VIEW[view.state];
}

function attemptOf(
  state: CallState,
  starts: number,
  view: DeliveryView | undefined,
  story: DeadStory | undefined,
): number {
  if (story) return story.attempts;
  // BullMQ hears of an end after the record: by its word the attempt that ended it still runs.
  if (view) return view.attemptsMade + (view.state === 'running' ? 1 : 0);
  return isFinal(state) ? Math.max(starts, 0) : starts;
}

function resultOf(
  state: CallState,
  recorded: string | undefined,
  view: DeliveryView | undefined,
): { result?: unknown } {
  if (state !== 'completed') return {};
  const result = recorded === undefined ? view?.result : JSON.parse(recorded);
  return defined('result', result);
}

function errorOf(
  state: CallState,
  view: DeliveryView | undefined,
  story: DeadStory | undefined,
): { error?: SerializedError } {
  if (state === 'completed' || state === 'cancelled') return {};
  if (story) return { error: story.error };
  if (view?.failedReason === undefined) return {};
  return { error: { name: 'Error', message: view.failedReason } };
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
