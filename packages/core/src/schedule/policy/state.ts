import type { ResolvedSchedule } from '../options.js';
import type { Ticks } from './ticks.js';

/** Where a schedule stands. Plain data, kept as JSON. */
export interface ScheduleState {
  /** The tick that comes next, epoch ms; absent while a schedule of `after` waits for the end of its run. */
  readonly next?: number;
  /** Ticks that wait for the run before them, in order. */
  readonly backlog: readonly number[];
  /** The tick that was given to a run last. */
  readonly last?: number;
  /** `last` was decided; whether it was enqueued is not known yet. */
  readonly pending?: true;
  /** The run of this tick is to be cancelled; whether it was is not known yet. */
  readonly cancelling?: number;
  readonly paused?: true;
}

/** The state of a schedule that begins now. */
export function firstState(ticks: Ticks | undefined, nowMs: number): ScheduleState {
  return { next: ticks ? ticks.after(nowMs) : nowMs, backlog: [] };
}

/**
 * The state after a schedule was declared anew. A tick that is due and was not served yet is served under the new
 * declaration: a change at the moment of a tick loses none.
 */
export function changedState(
  state: ScheduleState,
  change: { readonly isSameRhythm: boolean; readonly ticks: Ticks | undefined },
  nowMs: number,
): ScheduleState {
  if (change.isSameRhythm) return state;
  if (state.next !== undefined && state.next <= nowMs) return state;
  const { next: _, ...rest } = state;
  if (change.ticks) return { ...rest, next: change.ticks.after(nowMs) };
  // With a run before it, the pause begins at its end.
  return state.last === undefined ? { ...rest, next: nowMs } : rest;
}

/** The state of a paused schedule. */
export function pausedState(state: ScheduleState): ScheduleState {
  return { ...state, paused: true };
}

/** The state after a pause: ticks of the time of the pause are not made up for. */
export function resumedState(
  state: ScheduleState,
  ticks: Ticks | undefined,
  nowMs: number,
): ScheduleState {
  if (!state.paused) return state;
  const { paused: _paused, next, ...rest } = state;
  if (ticks) return { ...rest, next: ticks.after(nowMs) };
  return next === undefined ? rest : { ...rest, next: Math.max(next, nowMs) };
}

/**
 * When there is something to do for a schedule: epoch ms, undefined for never by itself.
 * @param lookMs how often the end of a run that is waited for is looked for, should nobody tell of it
 */
export function wakeOf(
  { paused, pending, cancelling, next, backlog }: ScheduleState,
  nowMs: number,
  lookMs: number,
): number | undefined {
  if (pending || cancelling !== undefined) return nowMs;
  if (paused) return undefined;
  if (next === undefined) return nowMs + lookMs;
  return backlog.length > 0 ? Math.min(next, nowMs + lookMs) : next;
}

/** What is decided upon: a schedule, where it stands, and what is the case. */
export interface Situation {
  readonly schedule: ResolvedSchedule;
  /** Absent for a schedule of `after`. */
  readonly ticks: Ticks | undefined;
  readonly state: ScheduleState;
  readonly nowMs: number;
  /** When somebody was there first for what is due; later than its time when nobody was. */
  readonly seenMs: number;
  /** The run of the last tick is still going. */
  readonly isGoing: boolean;
  /** When that run ended, if it is known. */
  readonly endedMs: number | undefined;
}
