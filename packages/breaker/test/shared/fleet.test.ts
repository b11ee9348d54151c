import { isBulletproofError } from '@bulletproof/kernel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CircuitBreaker, OpenCircuitError } from '../../src/index.js';
import { outcomeOf, TestFleet } from './fleet.js';

let fleet: TestFleet;

beforeEach(() => {
  fleet = new TestFleet();
});

afterEach(() => fleet.close());

/** Opens the fleet by one failure of its first member. */
async function open(): Promise<void> {
  fleet.fail();
  await outcomeOf(fleet.first.breaker.fire());
  await fleet.pass(15);
}

describe('a fleet', () => {
  it('opens everywhere when one process opens', async () => {
    const [a, b, c] = await fleet.of(3);
    fleet.fail();
    expect(await outcomeOf(a.breaker.fire())).toBe('down');
    expect(a.breaker.opened).toBe(true);
    await fleet.settle();
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    expect(await outcomeOf(b.breaker.fire())).toBe('EOPENBREAKER');
    expect([a.events, b.events, c.events]).toEqual([['open'], ['open'], ['open']]);
    expect(fleet.calls).toBe(1);
  });

  it('counts the outcomes of all processes in one window', async () => {
    await fleet.of(5, { volumeThreshold: 5, localTrip: 'off' });
    fleet.fail();
    for (const { breaker } of fleet.members) await outcomeOf(breaker.fire());
    expect(fleet.states).toEqual(['closed', 'closed', 'closed', 'closed', 'closed']);
    await fleet.pass(15);
    expect(fleet.states).toEqual(['open', 'open', 'open', 'open', 'open']);
  });

  it('tells a rejected caller who, why, and when to come again', async () => {
    const [, b] = await fleet.of(2);
    await open();
    await fleet.pass(400);
    const error = await b.breaker.fire().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenCircuitError);
    expect(isBulletproofError(error, 'EOPENBREAKER')).toBe(true);
    expect(CircuitBreaker.isOurError(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'EOPENBREAKER',
      message: 'Breaker is open',
      breaker: 'stripe',
      state: 'open',
      scope: 'fleet',
      retryAfterMs: 585,
      reason: 'failure-rate',
      name: 'OpenCircuitError',
    });
  });

  it('[16] [22] sends one probe when it is due; the others wait, and all close with it', async () => {
    const [a, b, c] = await fleet.of(3);
    await open();
    expect(fleet.calls).toBe(1);
    await fleet.pass(1_000);
    expect(fleet.states).toEqual(['half-open', 'half-open', 'half-open']);
    fleet.recover();
    const calls = fleet.members.map(({ breaker }) => outcomeOf(breaker.fire()));
    await fleet.settle();
    expect(await Promise.all(calls)).toEqual(['fine', 'EOPENBREAKER', 'EOPENBREAKER']);
    expect(fleet.states).toEqual(['closed', 'closed', 'closed']);
    expect(fleet.calls).toBe(2);
    for (const member of [a, b, c]) expect(member.events).toEqual(['open', 'halfOpen', 'close']);
  });

  it('[22] sends one probe for each open interval, and waits twice as long each time', async () => {
    await fleet.of(4, { maxResetTimeout: 4_000 });
    await open();
    const intervals = [1_000, 2_000, 4_000, 4_000];
    for (const [index, ms] of intervals.entries()) {
      await fleet.pass(ms - 50);
      await Promise.all(fleet.members.map(({ breaker }) => outcomeOf(breaker.fire())));
      expect(fleet.calls).toBe(1 + index);
      await fleet.pass(50);
      const round = fleet.members.map(({ breaker }) => outcomeOf(breaker.fire()));
      await fleet.settle();
      await Promise.all(round);
      expect(fleet.calls).toBe(2 + index);
    }
  });

  it('takes over the probe of a process that is gone, within its lease', async () => {
    const [a, b] = await fleet.of(2);
    await open();
    await fleet.pass(1_000);
    fleet.answer = () => new Promise(() => {});
    void a.breaker.fire();
    await fleet.settle();
    // The process is gone: nobody settles.
    a.store.mode = 'hanging';
    fleet.recover();
    await fleet.pass(300);
    expect(await outcomeOf(b.breaker.fire())).toBe('EOPENBREAKER');
    await fleet.pass(100);
    const call = outcomeOf(b.breaker.fire());
    await fleet.settle();
    expect(await call).toBe('fine');
    expect(b.breaker.closed).toBe(true);
  });

  it('opens again after a probe that hangs, before its lease ends', async () => {
    const [a] = await fleet.of(1);
    await open();
    await fleet.pass(1_000);
    fleet.answer = () => new Promise(() => {});
    void a.breaker.fire();
    await fleet.pass(360);
    expect(a.breaker.snapshot()).toMatchObject({
      state: 'open',
      reason: 'probe-failed',
      opens: 2,
    });
  });

  it('[2] ignores what calls tell that began before it opened', async () => {
    const [a] = await fleet.of(1);
    let end: (text: string) => void = () => {};
    let refuse: (error: Error) => void = () => {};
    fleet.answer = () => new Promise((resolve) => (end = resolve));
    const early = a.breaker.fire();
    fleet.answer = () => new Promise((_, reject) => (refuse = reject));
    const another = outcomeOf(a.breaker.fire());
    await open();
    await fleet.pass(1_000);
    end('late');
    expect(await early).toBe('late');
    expect(a.breaker.halfOpen).toBe(true);
    fleet.recover();
    const probe = a.breaker.fire();
    await fleet.settle();
    expect(await probe).toBe('fine');
    refuse(new Error('late'));
    await another;
    await fleet.pass(50);
    expect(a.breaker.closed).toBe(true);
  });

  it('needs as many successful probes as are asked for', async () => {
    const [a, b] = await fleet.of(2, { successThreshold: 2 });
    await open();
    await fleet.pass(1_000);
    fleet.recover();
    for (const [index, { breaker }] of [a, b].entries()) {
      const call = outcomeOf(breaker.fire());
      await fleet.settle();
      expect(await call).toBe('fine');
      expect(fleet.states).toEqual(Array(2).fill(index === 0 ? 'half-open' : 'closed'));
      // b hears only now that the first lease was given back.
      await fleet.pass(500);
    }
  });

  it('opens at too many slow calls', async () => {
    const [a] = await fleet.of(1, { slowCallDurationThreshold: 1, slowCallRateThreshold: 50 });
    fleet.answer = async () => {
      const end = Date.now() + 3;
      while (Date.now() < end);
      return 'slow';
    };
    await a.breaker.fire();
    await fleet.pass(15);
    expect(a.breaker.snapshot()).toMatchObject({ state: 'open', reason: 'slow-call-rate' });
  });

  it('[21] finds out by reading when announcements get lost', async () => {
    const [a, b] = await fleet.of(2, { pollInterval: 2_000 });
    b.store.hears = false;
    fleet.fail();
    await outcomeOf(a.breaker.fire());
    await fleet.pass(1_900);
    expect(b.breaker.closed).toBe(true);
    await fleet.pass(600);
    expect(b.breaker.closed).toBe(false);
  });

  it('lets more and more calls pass after a recovery, when it is to ramp up', async () => {
    let share = 0;
    const [a] = await fleet.of(1, { rampUp: 1_000, random: () => share });
    await open();
    await fleet.pass(1_000);
    fleet.recover();
    const probe = a.breaker.fire();
    await fleet.settle();
    await probe;
    expect(a.breaker.snapshot().state).toBe('recovering');
    expect(a.breaker.closed).toBe(true);
    share = 0.11;
    const error = await a.breaker.fire().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ state: 'recovering', retryAfterMs: 500 });
    await fleet.pass(500);
    share = 0.3;
    expect(await a.breaker.fire()).toBe('fine');
    await fleet.pass(500);
    share = 0.99;
    expect(a.breaker.snapshot().state).toBe('closed');
    expect(await a.breaker.fire()).toBe('fine');
  });
});

describe('a process whose own window would open', () => {
  it('[23] opens for itself at once, and is overruled when the fleet does well', async () => {
    const [a, b] = await fleet.of(2, { volumeThreshold: 3 });
    for (let n = 0; n < 20; n += 1) await b.breaker.fire();
    await fleet.pass(1_000);
    fleet.fail();
    for (let n = 0; n < 3; n += 1) await outcomeOf(a.breaker.fire());
    expect(a.breaker.opened).toBe(true);
    await fleet.settle();
    expect(fleet.states).toEqual(['closed', 'closed']);
    expect(a.events).toEqual(['open', 'close']);
    // Its failures go on: they do not open and close it each time.
    for (let n = 0; n < 5; n += 1) await outcomeOf(a.breaker.fire());
    expect(a.events).toEqual(['open', 'close']);
  });

  it('stays open alone below the quorum, and is there when the fleet follows', async () => {
    const [a, b, c] = await fleet.of(3, { quorum: 2 });
    fleet.fail();
    await outcomeOf(a.breaker.fire());
    await fleet.settle();
    expect(fleet.states).toEqual(['open', 'closed', 'closed']);
    expect(a.breaker.snapshot().scope).toBe('local');
    await outcomeOf(b.breaker.fire());
    await fleet.settle();
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    expect(a.breaker.snapshot().scope).toBe('fleet');
    expect(a.events).toEqual(['open']);
    expect(c.events).toEqual(['open']);
  });

  it('probes alone when it is alone', async () => {
    const [a] = await fleet.of(2, { quorum: 2 });
    fleet.fail();
    await outcomeOf(a.breaker.fire());
    await fleet.pass(1_000);
    fleet.recover();
    expect(await a.breaker.fire()).toBe('fine');
    expect(a.breaker.closed).toBe(true);
    expect(a.breaker.snapshot().scope).toBe('fleet');
    expect(a.events).toEqual(['open', 'halfOpen', 'close']);
  });

  it('that opened before it had reached the store asks the fleet when it has', async () => {
    const [, b] = await fleet.of(2, { volumeThreshold: 2 });
    const late = fleet.add({ volumeThreshold: 2 });
    fleet.fail();
    for (let n = 0; n < 2; n += 1) await outcomeOf(late.breaker.fire());
    await fleet.pass(20);
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    expect(late.breaker.snapshot().scope).toBe('fleet');
    expect(late.events).toEqual(['open', 'storeUp']);
    expect(b.events).toEqual(['open']);
  });

  it("opens the fleet with it when it is to 'propagate'", async () => {
    const [a, b] = await fleet.of(2, { volumeThreshold: 3, localTrip: 'propagate' });
    for (let n = 0; n < 20; n += 1) await b.breaker.fire();
    await fleet.pass(1_000);
    fleet.fail();
    for (let n = 0; n < 3; n += 1) await outcomeOf(a.breaker.fire());
    await fleet.settle();
    expect(fleet.states).toEqual(['open', 'open']);
    expect(b.breaker.snapshot().reason).toBe('local-trip');
  });
});
