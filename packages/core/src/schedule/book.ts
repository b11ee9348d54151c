import { canonicalJson, refuseOption } from '@bulletproof/kernel';
import { UnknownScheduleError } from './errors.js';
import type { MisfirePolicy, OverlapPolicy } from './options.js';
import {
  changedState,
  firstState,
  pausedState,
  resumedState,
  type ScheduleState,
  wakeOf,
} from './policy/state.js';
import { recordOf, type ScheduleRecord, stateOf, ticksOfSchedule, toText } from './record.js';
import { LOOK_FOR_END_MS } from './serve.js';
import type { LookUpReply, ScheduleStore } from './store.js';

/** A schedule as an operator sees it; times are epoch milliseconds, spans milliseconds. */
export interface ScheduleInfo {
  readonly name: string;
  /** The name of the job that it calls. */
  readonly job: string;
  readonly queue: string;
  /** By `@Schedule`; false when by `app.schedule`. */
  readonly declared: boolean;
  readonly cron?: string;
  readonly timezone?: string;
  readonly every?: number;
  readonly after?: number;
  readonly misfire?: MisfirePolicy;
  readonly overlap?: OverlapPolicy;
  readonly paused: boolean;
  /** The next tick; absent while it is paused, or waits for the end of a run. */
  readonly nextAt?: number;
  /** The tick that was enqueued last. */
  readonly lastAt?: number;
  /** How many ticks wait for the run before them. */
  readonly waiting: number;
}

/** What became of a schedule that was declared. */
export type Declared = 'added' | 'changed' | 'unchanged';

type Found = Extract<LookUpReply, { tag: 'found' }>;

const MOST_PREVIEWED = 10_000;

/** The app's schedules: declared, changed, listed, forgotten. Of two who change one at once, the later sees the earlier. */
export class ScheduleBook {
  readonly #store: ScheduleStore;

  constructor(store: ScheduleStore) {
    this.#store = store;
  }

  /** Adds a schedule, or changes it; one that is the same already is not touched. */
  async declare(name: string, record: ScheduleRecord): Promise<Declared> {
    const text = toText(record);
    for (;;) {
      const found = await this.#store.lookUp(name);
      if (found.tag === 'found' && found.record === text) return 'unchanged';
      const ticks = ticksOfSchedule(name, record.schedule);
      const state =
        found.tag === 'missing'
          ? firstState(ticks, found.nowMs)
          : changedState(
              stateOf(found.state),
              { isSameRhythm: isSameRhythm(recordOf(found.record), record), ticks },
              found.nowMs,
            );
      const wasKept = await this.#keep(name, found, text, state);
      if (wasKept) return found.tag === 'missing' ? 'added' : 'changed';
    }
  }

  /** Stops a schedule; its ticks until it is resumed are not made up for. What runs goes on. */
  async pause(name: string): Promise<void> {
    await this.#change(name, (state) => pausedState(state));
  }

  /** Ends a pause. */
  async resume(name: string): Promise<void> {
    await this.#change(name, (state, record, nowMs) =>
      resumedState(state, ticksOfSchedule(name, record.schedule), nowMs),
    );
  }

  /** Forgets a schedule; what was enqueued runs. False when there was none. */
  remove(name: string): Promise<boolean> {
    return this.#store.forget(name);
  }

  /** Forgets those schedules of `@Schedule` that a job of `jobs` is called by and that are not among `names`. */
  async retire(jobs: ReadonlySet<string>, names: ReadonlySet<string>): Promise<string[]> {
    const retired: string[] = [];
    for (const name of await this.#store.names()) {
      if (names.has(name)) continue;
      const found = await this.#store.lookUp(name);
      if (found.tag !== 'found') continue;
      const { isDeclared, job } = recordOf(found.record);
      if (!isDeclared || !jobs.has(job)) continue;
      if (await this.#store.forget(name, found.version)) retired.push(name);
    }
    return retired;
  }

  /** All schedules, by name. */
  async list(): Promise<ScheduleInfo[]> {
    const names = await this.#store.names();
    const found = await Promise.all(names.map((name) => this.#store.lookUp(name)));
    return found.flatMap((one, at) =>
      one.tag === 'found'
        ? [infoOf(names[at] ?? '', recordOf(one.record), stateOf(one.state))]
        : [],
    );
  }

  /** The next ticks of a schedule, epoch ms; none while it is paused, and of `after` no more than one. */
  async next(name: string, count: number): Promise<number[]> {
    if (!Number.isInteger(count) || count < 1 || count > MOST_PREVIEWED) {
      refuseOption('schedules.next count', `a whole number from 1 to ${MOST_PREVIEWED}`, count);
    }
    const { record, state } = await this.#found(name);
    const { paused, next } = stateOf(state);
    if (paused || next === undefined) return [];
    const ticks = ticksOfSchedule(name, recordOf(record).schedule);
    const list = [next];
    while (ticks && list.length < count) list.push(ticks.after(list.at(-1) ?? next));
    return list;
  }

  /** What a schedule was declared as. */
  async record(name: string): Promise<ScheduleRecord> {
    return recordOf((await this.#found(name)).record);
  }

  async #change(
    name: string,
    change: (state: ScheduleState, record: ScheduleRecord, nowMs: number) => ScheduleState,
  ): Promise<void> {
    for (;;) {
      const found = await this.#found(name);
      const { record, nowMs } = found;
      const state = stateOf(found.state);
      const changed = change(state, recordOf(record), nowMs);
      if (changed === state || (await this.#keep(name, found, record, changed))) return;
    }
  }

  async #keep(
    name: string,
    found: LookUpReply,
    record: string,
    state: ScheduleState,
  ): Promise<boolean> {
    const reply = await this.#store.declare({
      name,
      version: found.tag === 'found' ? found.version : 0,
      record,
      state: JSON.stringify(state),
      wakeMs: wakeOf(state, found.nowMs, LOOK_FOR_END_MS),
    });
    return reply.tag === 'declared';
  }

  async #found(name: string): Promise<Found> {
    const found = await this.#store.lookUp(name);
    if (found.tag === 'missing') throw new UnknownScheduleError(name);
    return found;
  }
}

function isSameRhythm(before: ScheduleRecord, after: ScheduleRecord): boolean {
  return canonicalJson(before.schedule.rhythm) === canonicalJson(after.schedule.rhythm);
}

function infoOf(name: string, record: ScheduleRecord, state: ScheduleState): ScheduleInfo {
  const { job, queue, isDeclared, schedule } = record;
  const { rhythm, misfire, overlap } = schedule;
  const { paused = false, next, last, backlog } = state;
  return {
    name,
    job,
    queue,
    declared: isDeclared,
    ...(rhythm.kind === 'cron' ? { cron: rhythm.cron, timezone: rhythm.timezone } : {}),
    ...(rhythm.kind === 'every' ? { every: rhythm.everyMs } : {}),
    ...(rhythm.kind === 'after' ? { after: rhythm.afterMs } : { misfire, overlap }),
    paused,
    ...(next === undefined || paused ? {} : { nextAt: next }),
    ...(last === undefined ? {} : { lastAt: last }),
    waiting: backlog.length,
  };
}
