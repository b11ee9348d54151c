import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Member, outcomeOf, TestFleet } from './fleet.js';

let fleet: TestFleet;

beforeEach(() => {
  fleet = new TestFleet();
});

afterEach(() => fleet.close());

const step = fc.record({
  member: fc.nat(4),
  calls: fc.nat(3),
  passMs: fc.constantFrom(0, 1, 20, 100, 399, 400, 1_000, 1_001),
  up: fc.boolean(),
  hears: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
});

describe('[18] the action', () => {
  it('runs only when the state that this process knows lets it, and no two probes run at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        const world = new TestFleet();
        const seen: string[] = [];
        let probes = 0;
        let most = 0;
        let up = true;
        world.answer = async ({ breaker }: Member) => {
          const { state } = breaker.snapshot();
          seen.push(state);
          const isProbe = state === 'half-open';
          if (isProbe) {
            probes += 1;
            most = Math.max(most, probes);
          }
          await world.clock.sleep(50);
          if (isProbe) probes -= 1;
          if (!up) throw new Error('down');
          return 'fine';
        };
        await world.of(5, { maxResetTimeout: 2_000 });
        const calls: Promise<unknown>[] = [];
        for (const { member, calls: count, passMs, up: isUp, hears } of steps) {
          up = isUp;
          const { breaker, store } = world.member(member);
          store.hears = hears;
          for (let n = 0; n < count; n += 1) calls.push(outcomeOf(breaker.fire()));
          await world.pass(passMs);
        }
        await world.pass(100);
        await Promise.all(calls);
        world.close();
        expect(new Set([...seen, 'closed', 'half-open'])).toEqual(new Set(['closed', 'half-open']));
        expect(most).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });

  it('of a process that has not heard of the opening still runs: at most until its next look', async () => {
    const [a, b] = await fleet.of(2);
    b.store.hears = false;
    fleet.fail();
    await outcomeOf(a.breaker.fire());
    await fleet.settle();
    expect(a.breaker.opened).toBe(true);
    fleet.recover();
    expect(await b.breaker.fire()).toBe('fine');
    // Its report is answered with the state.
    await fleet.pass(1_000);
    expect(b.breaker.closed).toBe(false);
  });
});
