import { canonicalJson } from '@bulletproof/kernel';
import type { ResolvedSchedule } from './options.js';
import type { ScheduleState } from './policy/state.js';
import { type Ticks, ticksOf } from './policy/ticks.js';

/** What a schedule was declared as. */
export interface ScheduleRecord {
  readonly job: string;
  readonly queue: string;
  /** By `@Schedule`; false when by `app.schedule`. */
  readonly isDeclared: boolean;
  readonly schedule: ResolvedSchedule;
  /** What each call is made from; known to the one who enqueues only. */
  readonly template: unknown;
}

/** A declaration as the text that is kept and compared. */
export function toText(record: ScheduleRecord): string {
  return canonicalJson(JSON.parse(JSON.stringify(record)));
}

/** The declaration that was kept. */
export function recordOf(text: string): ScheduleRecord {
  return JSON.parse(text) as ScheduleRecord;
}

/** The state that was kept. */
export function stateOf(text: string): ScheduleState {
  return JSON.parse(text) as ScheduleState;
}

/** The ticks of a schedule; undefined for one of `after`, which has none. */
export function ticksOfSchedule(name: string, { rhythm }: ResolvedSchedule): Ticks | undefined {
  return rhythm.kind === 'after' ? undefined : ticksOf(rhythm, name);
}
