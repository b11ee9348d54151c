// The store fails, hangs, forgets: calls never wait for it (but the one that is due, for a bounded time), and no caller sees its errors.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Member, outcomeOf, TestFleet } from './fleet.js';

let fleet: TestFleet;
let a: Member;
let b: Member;

beforeEach(async () => {
  fleet = new TestFleet();
  [a, b] = await fleet.of(2, { storeTimeout: 250 });
});

afterEach(() => fleet.close());

async function open(): Promise<void> {
  fleet.fail();
  await outcomeOf(a.breaker.fire());
  await fleet.settle();
}

describe.each(['failing', 'hanging'] as const)('while the store is %s', (mode) => {
  /** Puts the store away, as both processes find out with their next report or read. */
  async function away(): Promise<void> {
    for (const { store } of fleet.members) store.mode = mode;
    await fleet.pass(3_000);
    expect(fleet.members.map(({ breaker }) => breaker.snapshot().store)).toEqual(['down', 'down']);
  }

  it('[17] no caller notices, and each process decides alone', async () => {
    await away();
    expect(await a.breaker.fire()).toBe('fine');
    fleet.fail();
    expect(await outcomeOf(a.breaker.fire())).toBe('down');
    expect(await outcomeOf(a.breaker.fire())).toBe('down');
    expect(a.breaker.opened).toBe(true);
    expect(await outcomeOf(a.breaker.fire())).toBe('EOPENBREAKER');
    expect(b.breaker.closed).toBe(true);
    await fleet.pass(1_000);
    fleet.recover();
    expect(await a.breaker.fire()).toBe('fine');
    expect(a.events).toEqual(['storeDown', 'open', 'halfOpen', 'close']);
  });

  it('an open fleet stays open for the rest of its time, then each process probes by itself', async () => {
    await open();
    for (const { store } of fleet.members) store.mode = mode;
    await fleet.pass(850);
    expect(fleet.states).toEqual(['open', 'open']);
    // Up to half of the rest is added, so that not all probe at once.
    await fleet.pass(1_000);
    expect(fleet.states).toEqual(['half-open', 'half-open']);
    fleet.recover();
    expect(await Promise.all([a.breaker.fire(), b.breaker.fire()])).toEqual(['fine', 'fine']);
    expect(fleet.states).toEqual(['closed', 'closed']);
  });

  it('hands back when it returns: the newest state wins', async () => {
    await away();
    await open();
    for (const { store } of fleet.members) store.recover();
    await fleet.settle();
    // What happened meanwhile was not told to the fleet: it is closed.
    expect(fleet.states).toEqual(['closed', 'closed']);
    expect(fleet.members.map(({ breaker }) => breaker.snapshot().store)).toEqual(['up', 'up']);
    await outcomeOf(a.breaker.fire());
    await fleet.settle();
    expect(fleet.states).toEqual(['open', 'open']);
  });

  it('[16] the call that is due waits for a bounded time only, and probes then', async () => {
    await open();
    await fleet.pass(1_000);
    for (const { store } of fleet.members) store.mode = mode;
    fleet.recover();
    const probe = outcomeOf(a.breaker.fire());
    const sibling = outcomeOf(a.breaker.fire());
    await fleet.pass(250);
    expect(await probe).toBe('fine');
    // It was rejected at once, or has joined when the process decided alone.
    expect(['EOPENBREAKER', 'fine']).toContain(await sibling);
    expect(a.breaker.closed).toBe(true);
  });

  it('asks whether it is back only now and then', async () => {
    await away();
    a.store.sent.length = 0;
    for (let second = 0; second < 60; second += 1) {
      await outcomeOf(a.breaker.fire());
      await fleet.pass(1_000);
    }
    expect(a.store.sent.length).toBeLessThanOrEqual(15);
    expect(new Set(a.store.sent)).toEqual(new Set(['read']));
  });

  it('forcing tells its caller that it failed', async () => {
    await away();
    expect(await outcomeOf(a.breaker.release())).toBe('STORE_UNAVAILABLE');
  });
});

describe('a store that answers late', () => {
  it('gets back the lease that nobody waits for any more', async () => {
    await open();
    await fleet.pass(1_000);
    fleet.recover();
    a.store.mode = 'hanging';
    const probe = outcomeOf(a.breaker.fire());
    await fleet.pass(250);
    expect(await probe).toBe('fine');
    a.store.recover();
    await fleet.settle();
    expect(fleet.store.inspect('stripe').leases.size).toBe(0);
    const call = outcomeOf(b.breaker.fire());
    await fleet.settle();
    expect(await call).toBe('fine');
    expect(fleet.states).toEqual(['closed', 'closed']);
  });
});

describe('a store that forgets', () => {
  it('[11] hears from the processes that it was open', async () => {
    await open();
    const { epoch } = fleet.store.inspect('stripe');
    fleet.store.flush();
    const c = fleet.add();
    await fleet.settle();
    expect(c.breaker.closed).toBe(true);
    await fleet.pass(510);
    expect(fleet.store.inspect('stripe')).toMatchObject({ state: 'open', epoch });
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    await fleet.pass(500);
    fleet.recover();
    const calls = fleet.members.map(({ breaker }) => outcomeOf(breaker.fire()));
    await fleet.settle();
    expect((await Promise.all(calls)).filter((one) => one === 'fine')).toHaveLength(1);
    expect(fleet.states).toEqual(['closed', 'closed', 'closed']);
  });

  it('[25] does not depend on the clocks of the processes', async () => {
    await open();
    fleet.clock.setNow(fleet.clock.nowMs() - 3_600_000);
    await fleet.pass(100);
    fleet.clock.setNow(fleet.clock.nowMs() + 7_200_000);
    expect(fleet.states).toEqual(['open', 'open']);
  });
});
