import type { ScheduleSkippedEvent } from '../events.js';
import type { ScheduleState, Situation } from './state.js';
import { lastTick, type Ticks } from './ticks.js';

/** Most ticks that wait for the run before them, and most that are counted when they are dropped. */
const MOST_TICKS = 1_000;
/** A tick may come later than its time by this share of the distance to the next one, within bounds, and is not missed. */
const ON_TIME = { share: 0.1, leastMs: 1_000, mostMs: 60_000 };
/** Who was there for a tick and died is soon followed by another one; later it is as if nobody had been there. */
const RETAKEN_MS = 60_000;

/** Ticks for which nothing runs. */
export type Dropped = Pick<ScheduleSkippedEvent, 'reason' | 'firstTick' | 'lastTick' | 'ticks'>;

/** What is to be done: first the new state is kept, then its `cancelling` and `pending` are carried out. */
export interface Decision {
  readonly state: ScheduleState;
  readonly dropped: readonly Dropped[];
}

/** Decides what a schedule does now. Pure: the same situation gives the same decision. */
export function decide(situation: Situation): Decision {
  const { state, ticks } = situation;
  if (state.paused || state.pending || state.cancelling !== undefined) {
    return { state, dropped: [] };
  }
  return ticks ? decideTicks(situation, ticks) : decideAfter(situation);
}

function decideAfter({ schedule, state, nowMs, isGoing, endedMs }: Situation): Decision {
  const { rhythm } = schedule;
  let { next } = state;
  if (next === undefined) {
    if (isGoing || rhythm.kind !== 'after') return { state, dropped: [] };
    next = (endedMs ?? nowMs) + rhythm.afterMs;
  }
  if (next > nowMs) return { state: { ...state, next }, dropped: [] };
  const { next: _, ...rest } = state;
  return { state: { ...rest, last: next, pending: true }, dropped: [] };
}

function decideTicks(situation: Situation, ticks: Ticks): Decision {
  const { state, nowMs, isGoing } = situation;
  const dropped: Dropped[] = [];
  let next = state.next ?? ticks.after(nowMs);
  let line: Line = { backlog: [...state.backlog], cancels: false };
  if (next <= nowMs) {
    const due = dueTicks(situation, ticks, next);
    dropped.push(...due.dropped);
    for (const tick of due.missed) line.backlog.push(tick);
    for (const tick of due.regular) line = join(line, tick, situation, dropped);
    next = ticks.after(due.last);
  }
  const over = line.backlog.splice(MOST_TICKS);
  if (over.length > 0) dropped.push(drop('backlog', over));
  const after: ScheduleState = { ...state, next, backlog: line.backlog };
  if (line.cancels && state.last !== undefined) {
    return { state: { ...after, cancelling: state.last }, dropped };
  }
  const [first, ...rest] = line.backlog;
  if (isGoing || first === undefined) return { state: after, dropped };
  return { state: { ...after, backlog: rest, last: first, pending: true }, dropped };
}

interface Due {
  /** Run although nobody was there at their time. */
  readonly missed: readonly number[];
  /** Run at their time. */
  readonly regular: readonly number[];
  readonly dropped: readonly Dropped[];
  /** The last one that is due. */
  readonly last: number;
}

/** Which of the ticks that are due run, by the policy for those that nobody was there for. */
function dueTicks({ schedule, nowMs, seenMs }: Situation, ticks: Ticks, first: number): Due {
  const last = lastTick(ticks, first, nowMs);
  const isFirstOnTime = nowMs - seenMs <= RETAKEN_MS && isOnTime(ticks, first, seenMs);
  if (first === last) {
    if (isFirstOnTime) return { missed: [], regular: [first], dropped: [], last };
    return schedule.misfire === 'skip' || isTooOld(first)
      ? { missed: [], regular: [], dropped: [drop('misfire', [first])], last }
      : { missed: [first], regular: [], dropped: [], last };
  }
  const isLastOnTime = isOnTime(ticks, last, nowMs);
  switch (schedule.misfire) {
    case 'skip': {
      const regular = [...(isFirstOnTime ? [first] : []), ...(isLastOnTime ? [last] : [])];
      const from = isFirstOnTime ? ticks.after(first) : first;
      return { missed: [], regular, dropped: dropRange(ticks, from, last, !isLastOnTime), last };
    }
    case 'once': {
      const dropped = dropRange(ticks, first, last, false);
      return isLastOnTime
        ? { missed: [], regular: [last], dropped, last }
        : { missed: [last], regular: [], dropped, last };
    }
    case 'all': {
      const from = isTooOld(first) ? ticks.after(nowMs - schedule.misfireWindowMs - 1) : first;
      const dropped =
        from > first ? dropRange(ticks, first, Math.min(from, last), from > last) : [];
      if (from > last) return { missed: [], regular: [], dropped, last };
      const run = list(ticks, from, last, MOST_TICKS + 1);
      const regular = isLastOnTime && run.at(-1) === last ? [last] : [];
      const missed = regular.length > 0 ? run.slice(0, -1) : run;
      return { missed, regular, dropped, last };
    }
  }

  function isTooOld(tick: number): boolean {
    return schedule.misfire === 'all' && tick < nowMs - schedule.misfireWindowMs;
  }
}

interface Line {
  readonly backlog: number[];
  /** The run that is going makes room. */
  readonly cancels: boolean;
}

/** Puts a tick behind what runs and waits, as the policy for that says. */
function join(
  line: Line,
  tick: number,
  { schedule, isGoing }: Situation,
  dropped: Dropped[],
): Line {
  const { backlog } = line;
  if (!isGoing && backlog.length === 0) return { ...line, backlog: [tick] };
  switch (schedule.overlap) {
    case 'skip':
      dropped.push(drop('overlap', [tick]));
      return line;
    case 'queue':
      return { ...line, backlog: [...backlog, tick] };
    case 'cancel':
      // What waits was to take the place of what runs; now this one does.
      if (backlog.length > 0) dropped.push(drop('overlap', backlog));
      return { backlog: [tick], cancels: isGoing };
  }
}

function isOnTime(ticks: Ticks, tick: number, ms: number): boolean {
  const { share, leastMs, mostMs } = ON_TIME;
  const distance = ticks.after(tick) - tick;
  return ms - tick <= Math.min(mostMs, Math.max(leastMs, distance * share));
}

/** The ticks from one to another; at most `most`. */
function list(ticks: Ticks, from: number, to: number, most: number): number[] {
  const found: number[] = [];
  for (let tick = from; tick <= to && found.length < most; tick = ticks.after(tick)) {
    found.push(tick);
  }
  return found;
}

/** The ticks from one to another as dropped, the last one only if it is so. */
function dropRange(ticks: Ticks, from: number, to: number, isLastToo: boolean): Dropped[] {
  const found = list(ticks, from, isLastToo ? to : to - 1, MOST_TICKS);
  if (found.length === 0) return [];
  const one = drop('misfire', found);
  if (found.length < MOST_TICKS) return [one];
  const lastDropped = lastTick(ticks, from, isLastToo ? to : to - 1);
  return [{ ...one, lastTick: lastDropped }];
}

function drop(reason: Dropped['reason'], ticks: readonly number[]): Dropped {
  return { reason, firstTick: ticks[0] ?? 0, lastTick: ticks.at(-1) ?? 0, ticks: ticks.length };
}
