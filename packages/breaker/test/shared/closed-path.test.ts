import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { outcomeOf, TestFleet } from './fleet.js';

let fleet: TestFleet;

beforeEach(() => {
  fleet = new TestFleet();
});

afterEach(() => fleet.close());

describe('the closed path', () => {
  it('[15] asks the store nothing for a call, and reports once a bucket', async () => {
    const [a] = await fleet.of(1);
    for (let n = 0; n < 10_000; n += 1) await a.breaker.fire();
    expect(a.store.sent).toEqual([]);
    await fleet.pass(1_000);
    expect(a.store.sent).toEqual(['report']);
    expect(a.breaker.snapshot().counters).toMatchObject({
      reports: 1,
      reported: 10_000,
      dropped: 0,
    });
  });

  it('[20] reports every call once, at most 25 times a second', async () => {
    const [a] = await fleet.of(1, { volumeThreshold: 1_000_000, localTrip: 'off' });
    let n = 0;
    fleet.answer = async () => {
      n += 1;
      if (n % 3 === 0) throw new Error('no');
      return 'yes';
    };
    let calls = 0;
    for (let second = 0; second < 10; second += 1) {
      const before = a.store.sent.length;
      for (let part = 0; part < 100; part += 1) {
        for (let each = 0; each < 3; each += 1) await outcomeOf(a.breaker.fire());
        calls += 3;
        await fleet.pass(10);
      }
      expect(a.store.sent.length - before).toBeLessThanOrEqual(25);
    }
    await fleet.pass(2_000);
    expect(a.breaker.snapshot().counters.reported).toBe(calls);
    const [window] = fleet.store.inspect('stripe').windows.values();
    expect(window?.buckets.size).toBe(10);
  });

  it('does not report what the own capacity rejected, nor failures that are filtered', async () => {
    const [a] = await fleet.of(1, {
      capacity: 1,
      errorFilter: (error: Error) => error.message === 'ok',
    });
    let end: () => void = () => {};
    fleet.answer = () => new Promise((resolve) => (end = () => resolve('yes')));
    const first = a.breaker.fire();
    expect(await outcomeOf(a.breaker.fire())).toBe('ESEMLOCKED');
    end();
    await first;
    fleet.answer = async () => {
      throw new Error('ok');
    };
    expect(await outcomeOf(a.breaker.fire())).toBe('ok');
    await fleet.pass(1_000);
    expect(a.breaker.closed).toBe(true);
    expect(a.breaker.snapshot().counters.reported).toBe(2);
  });

  it('does not report calls during the warm-up', async () => {
    const [a] = await fleet.of(1, { allowWarmUp: true });
    fleet.fail();
    expect(a.breaker.warmUp).toBe(true);
    await outcomeOf(a.breaker.fire());
    await fleet.pass(50);
    expect(a.breaker.closed).toBe(true);
    expect(a.breaker.warmUp).toBe(true);
  });

  it('tells its listeners in the order of opossum: failure, open, and then the caller', async () => {
    const [a] = await fleet.of(1);
    const seen: string[] = [];
    a.breaker.on('failure', () =>
      seen.push(`failure ${a.breaker.closed} ${a.breaker.toJSON().state.warmUp}`),
    );
    a.breaker.on('open', () => seen.push('open'));
    fleet.fail();
    await a.breaker.fire().catch(() => seen.push(`caller ${a.breaker.opened}`));
    expect(seen).toEqual(['failure true false', 'open', 'caller true']);
  });
});

describe('probes that tell nothing', () => {
  it('a result out of the cache gives the lease back', async () => {
    const [a, b] = await fleet.of(2, { cache: true });
    expect(await a.breaker.fire()).toBe('fine');
    fleet.fail();
    await outcomeOf(b.breaker.fire());
    await fleet.pass(1_000);
    const hit = outcomeOf(a.breaker.fire());
    await fleet.settle();
    expect(await hit).toBe('fine');
    expect(fleet.store.inspect('stripe')).toMatchObject({ state: 'half-open' });
    expect(fleet.store.inspect('stripe').leases.size).toBe(0);
  });

  it('a probe whose failure a fallback hides still fails', async () => {
    const [a] = await fleet.of(1);
    a.breaker.fallback(() => 'instead');
    fleet.fail();
    await a.breaker.fire();
    await fleet.pass(1_000);
    const probe = a.breaker.fire();
    await fleet.settle();
    expect(await probe).toBe('instead');
    expect(a.breaker.snapshot()).toMatchObject({ state: 'open', opens: 2 });
  });
});

describe('[24] after the shutdown', () => {
  it('there are no timers and no commands, leases are given back, open and close do nothing', async () => {
    const [a, b] = await fleet.of(2);
    fleet.fail();
    await outcomeOf(a.breaker.fire());
    await fleet.pass(1_000);
    fleet.answer = () => new Promise(() => {});
    void a.breaker.fire();
    await fleet.settle();
    expect(fleet.store.inspect('stripe').leases.size).toBe(1);
    a.breaker.shutdown();
    await fleet.settle();
    expect(fleet.store.inspect('stripe').leases.size).toBe(0);
    b.breaker.shutdown();
    const sent = [a.store.sent.length, b.store.sent.length];
    a.breaker.open();
    a.breaker.close();
    expect(a.breaker.isShutdown).toBe(true);
    expect(await outcomeOf(a.breaker.fire())).toBe('ESHUTDOWN');
    await fleet.pass(60_000);
    expect([a.store.sent.length, b.store.sent.length]).toEqual(sent);
    expect(fleet.clock.pendingTimers).toBe(0);
    await a.breaker.ended();
    expect(a.store.closed).toBe(true);
  });
});

describe('[19] events', () => {
  it('alternate, whatever happens', async () => {
    const members = await fleet.of(3, { maxResetTimeout: 1_000 });
    for (let round = 0; round < 40; round += 1) {
      if (round % 5 === 0) fleet.fail();
      if (round % 7 === 3) fleet.recover();
      const member = fleet.member(round % 3);
      if (round % 11 === 5) member.store.mode = 'failing';
      if (round % 11 === 8) for (const { store } of members) store.recover();
      const calls = members.map(({ breaker }) => outcomeOf(breaker.fire()));
      await fleet.pass(450);
      await Promise.all(calls);
    }
    for (const { events } of members) {
      const faces = events.filter((event) => !event.startsWith('store'));
      expect(faces.length).toBeGreaterThan(4);
      for (const [index, event] of faces.entries()) expect(event).not.toBe(faces[index + 1]);
    }
  });
});
