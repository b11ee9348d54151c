import { describe, expect, it } from '@jest/globals';
import { resolveSchedule } from '../../../src/schedule/options.js';
import { decide } from '../../../src/schedule/policy/decide.js';
import type { ScheduleState, Situation } from '../../../src/schedule/policy/state.js';
import { ticksOf } from '../../../src/schedule/policy/ticks.js';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);

/** A schedule of every minute whose next tick is T0, at a time after it. */
function situation(
  options: Record<string, unknown>,
  { lateMs = 0, ...more }: Partial<Situation> & { lateMs?: number } = {},
): Situation {
  const schedule = resolveSchedule('test', { every: '1m', ...options });
  const { rhythm } = schedule;
  return {
    schedule,
    ticks: rhythm.kind === 'after' ? undefined : ticksOf(rhythm, 's'),
    state: { next: T0, backlog: [] },
    nowMs: T0 + lateMs,
    seenMs: T0 + lateMs,
    isGoing: false,
    endedMs: undefined,
    ...more,
  };
}

const tick = (n: number): number => T0 + n * MINUTE;
const seen = ({ state, dropped }: { state: ScheduleState; dropped: readonly object[] }) => ({
  runs: state.pending ? (state.last ?? 0) - T0 : undefined,
  waiting: state.backlog.map((ms) => ms - T0),
  next: (state.next ?? 0) - T0,
  dropped,
});

describe('a tick at its time', () => {
  it('runs, and the next one comes', () => {
    const made = decide(situation({}, { lateMs: 20 }));
    expect(seen(made)).toEqual({ runs: 0, waiting: [], next: MINUTE, dropped: [] });
  });
  it('does nothing before', () => {
    const before = situation({}, { lateMs: -1 });
    expect(decide(before)).toEqual({ state: before.state, dropped: [] });
  });
  it('does nothing while it is paused, or while something that was decided is not done', () => {
    for (const more of [{ paused: true }, { pending: true }, { cancelling: 5 }] as const) {
      const state = { next: T0, backlog: [], ...more };
      expect(decide(situation({}, { state })).state).toBe(state);
    }
  });
});

describe('ticks that nobody was there for', () => {
  const LATE = 10 * MINUTE + 20_000; // ticks 0 to 10 are due, the last one 20 s ago
  it.each([
    ['skip', { runs: undefined, waiting: [], ticks: 11 }],
    ['once', { runs: 10 * MINUTE, waiting: [], ticks: 10 }],
    ['all', { runs: 0, waiting: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ticks: 0 }],
  ])('%s', (misfire, { runs, waiting, ticks }) => {
    const made = seen(decide(situation({ misfire }, { lateMs: LATE })));
    expect(made.runs).toBe(runs);
    expect(made.waiting).toEqual(waiting.map((n) => n * MINUTE));
    expect(made.next).toBe(11 * MINUTE);
    const first = { reason: 'misfire', firstTick: T0, ticks };
    expect(made.dropped).toEqual(ticks ? [expect.objectContaining(first)] : []);
  });
  it('all of them within the window, and no more', () => {
    const options = { misfire: 'all', misfireWindow: '3m' };
    const made = seen(decide(situation(options, { lateMs: LATE })));
    expect([made.runs, ...made.waiting]).toEqual([8, 9, 10].map((n) => n * MINUTE));
    expect(made.dropped).toEqual([
      { reason: 'misfire', firstTick: tick(0), lastTick: tick(7), ticks: 8 },
    ]);
  });
  it('skip still runs the one whose time it is', () => {
    const made = seen(decide(situation({ misfire: 'skip' }, { lateMs: 10 * MINUTE + 5 })));
    expect({ runs: made.runs, next: made.next }).toEqual({ runs: 10 * MINUTE, next: 11 * MINUTE });
    expect(made.dropped).toEqual([
      { reason: 'misfire', firstTick: tick(0), lastTick: tick(9), ticks: 10 },
    ]);
  });
  it('skip runs the one that somebody was there for and died', () => {
    const retaken = situation({ misfire: 'skip' }, { lateMs: 12_000, seenMs: T0 + 3 });
    expect(seen(decide(retaken)).runs).toBe(0);
    const muchLater = situation({ misfire: 'skip' }, { lateMs: 50 * MINUTE, seenMs: T0 + 3 });
    expect(seen(decide(muchLater)).runs).toBe(50 * MINUTE);
  });
  it('are counted up to 1,000, and found quickly after years', () => {
    const made = decide(
      situation({ every: '1s', misfire: 'once' }, { lateMs: 3 * 365 * 86_400_000 }),
    );
    expect(made.dropped).toEqual([
      {
        reason: 'misfire',
        firstTick: T0,
        lastTick: T0 + 3 * 365 * 86_400_000 - 1_000,
        ticks: 1_000,
      },
    ]);
  });
  it('wait in no greater number than 1,000', () => {
    const options = { every: '1s', misfire: 'all', misfireWindow: '2h' };
    const { state, dropped } = decide(situation(options, { lateMs: 7_000_000 }));
    expect(state.backlog).toHaveLength(999);
    expect(dropped.map((one) => one.reason)).toEqual(['backlog']);
  });
});

describe('a tick while the run before it is going', () => {
  const going = { isGoing: true, state: { next: T0, backlog: [], last: tick(-1) } };
  it('is dropped', () => {
    const made = seen(decide(situation({}, going)));
    expect(made).toMatchObject({ runs: undefined, waiting: [], next: MINUTE });
    expect(made.dropped).toEqual([{ reason: 'overlap', firstTick: T0, lastTick: T0, ticks: 1 }]);
  });
  it('waits', () => {
    const made = decide(situation({ overlap: 'queue' }, going));
    expect(seen(made)).toMatchObject({ runs: undefined, waiting: [0], dropped: [] });
    const later = situation({ overlap: 'queue' }, { ...going, isGoing: false, state: made.state });
    expect(seen(decide(later))).toMatchObject({ runs: 0, waiting: [] });
  });
  it('takes its place', () => {
    const made = decide(situation({ overlap: 'cancel' }, going));
    expect(made.state).toMatchObject({ cancelling: tick(-1), backlog: [T0] });
    const { cancelling: _, ...rest } = made.state;
    const next = decide(
      situation({ overlap: 'cancel' }, { ...going, isGoing: false, state: rest }),
    );
    expect(seen(next)).toMatchObject({ runs: 0, waiting: [] });
  });
  it('takes the place of one that was to take it', () => {
    const state = { next: T0, backlog: [tick(-1)], last: tick(-2) };
    const made = decide(situation({ overlap: 'cancel' }, { ...going, state }));
    expect(made.state.backlog).toEqual([T0]);
    expect(made.dropped).toMatchObject([{ reason: 'overlap', firstTick: tick(-1) }]);
  });
});

describe('after', () => {
  const after = (state: ScheduleState, more: Partial<Situation> = {}) =>
    decide(situation({ every: undefined, after: '5m' }, { state, ...more })).state;
  it('waits for the end of its run', () => {
    const state = { backlog: [], last: T0 };
    expect(after(state, { isGoing: true })).toBe(state);
  });
  it('comes that long after it, by the time of the end and not of the look', () => {
    const ended = { endedMs: T0 + 1_000, nowMs: T0 + 60_000 };
    expect(after({ backlog: [], last: T0 }, ended)).toEqual({
      backlog: [],
      last: T0,
      next: T0 + 301_000,
    });
  });
  it('runs when its time has come, and then waits again', () => {
    const state = { backlog: [], last: T0, next: T0 + 301_000 };
    expect(after(state, { nowMs: T0 + 301_000 })).toEqual({
      backlog: [],
      last: T0 + 301_000,
      pending: true,
    });
  });
});
