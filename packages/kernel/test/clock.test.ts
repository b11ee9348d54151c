import { describe, expect, it } from '@jest/globals';
import { ManualClock, systemClock } from '../src/index.js';

describe('ManualClock', () => {
  it('stands still until it is moved', () => {
    const clock = new ManualClock(1_000);
    clock.advance(250);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_250, 250]);
  });

  it('runs due timers in order, each at its own time, those set meanwhile included', () => {
    const clock = new ManualClock(0);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name}@${clock.nowMs()}`);
    clock.setTimer(20, note('second'));
    clock.setTimer(10, () => {
      note('first')();
      clock.setTimer(5, note('inner'));
    });
    clock.setTimer(20, note('third'));
    clock.setTimer(31, note('late'));
    clock.advance(30);
    expect(seen).toEqual(['first@10', 'inner@15', 'second@20', 'third@20']);
    expect(clock.pendingTimers).toBe(1);
  });

  it('forgets a cancelled timer', () => {
    const clock = new ManualClock();
    const timer = clock.setTimer(10, () => expect(true).toBe(false));
    timer.cancel();
    timer.cancel();
    clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets promise chains run between timers', async () => {
    const clock = new ManualClock(0);
    const times: number[] = [];
    const loop = (async () => {
      for (let round = 0; round < 3; round += 1) {
        await clock.sleep(100);
        times.push(clock.nowMs());
      }
    })();
    await clock.advanceAsync(300);
    await loop;
    expect(times).toEqual([100, 200, 300]);
    expect(clock.nowMs()).toBe(300);
  });

  it('moves the wall clock alone when it jumps', () => {
    const clock = new ManualClock(1_000);
    clock.setTimer(10, () => expect(true).toBe(false));
    clock.setNow(500_000);
    expect([clock.nowMs(), clock.monotonicMs(), clock.pendingTimers]).toEqual([500_000, 0, 1]);
  });

  it('ends a sleep with the reason of its signal', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const asleep = clock.sleep(1_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(asleep).rejects.toThrow('enough');
    expect(clock.pendingTimers).toBe(0);
    await expect(clock.sleep(1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });
});

describe('systemClock', () => {
  it('tells wall time and a time that never goes back', () => {
    expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000);
    expect(systemClock.monotonicMs()).toBeLessThanOrEqual(systemClock.monotonicMs());
  });

  it('fires a timer, and does not fire a cancelled one', async () => {
    const cancelled = systemClock.setTimer(1, () => expect(true).toBe(false));
    cancelled.cancel();
    await systemClock.sleep(2);
  });

  it('waits longer than a Node timer can', () => {
    let fired = false;
    const timer = systemClock.setTimer(2 ** 33, () => {
      fired = true;
    });
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        timer.cancel();
        expect(fired).toBe(false);
        resolve();
      });
    });
  });
});
