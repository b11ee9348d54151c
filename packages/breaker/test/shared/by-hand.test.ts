import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { outcomeOf, TestFleet } from './fleet.js';

let fleet: TestFleet;

beforeEach(() => {
  fleet = new TestFleet();
});

afterEach(() => fleet.close());

describe('by hand', () => {
  it('[12] the fleet is forced open with a reason, until it is released', async () => {
    const [a, b] = await fleet.of(2);
    await a.breaker.forceOpen({ ttl: '1h', reason: 'maintenance' });
    expect(fleet.states).toEqual(['forced-open', 'forced-open']);
    const error = await b.breaker.fire().catch((thrown: unknown) => thrown);
    // A job asks again after an open time: the force may be released long before it ends.
    expect(error).toMatchObject({
      state: 'forced-open',
      reason: 'maintenance',
      retryAfterMs: 1_000,
    });
    await b.breaker.release();
    expect(fleet.states).toEqual(['closed', 'closed']);
    expect(await a.breaker.fire()).toBe('fine');
  });

  it('a force ends with its time', async () => {
    const [a] = await fleet.of(2);
    await a.breaker.forceClose({ ttl: '2s', reason: 'known trouble' });
    fleet.fail();
    for (let n = 0; n < 5; n += 1) await outcomeOf(a.breaker.fire());
    await fleet.pass(1_999);
    expect(fleet.states).toEqual(['forced-closed', 'forced-closed']);
    await fleet.pass(60);
    expect(fleet.states).toEqual(['closed', 'closed']);
    await outcomeOf(a.breaker.fire());
    await fleet.settle();
    expect(fleet.states).toEqual(['open', 'open']);
  });

  it('open() and close() are for this process, as with opossum', async () => {
    const [a, b] = await fleet.of(2);
    a.breaker.open();
    expect(fleet.states).toEqual(['open', 'closed']);
    expect(await outcomeOf(a.breaker.fire())).toBe('EOPENBREAKER');
    await fleet.pass(1_000);
    expect(await a.breaker.fire()).toBe('fine');
    expect(a.events).toEqual(['open', 'halfOpen', 'close']);
    fleet.fail();
    await outcomeOf(a.breaker.fire());
    await fleet.settle();
    b.breaker.close();
    fleet.recover();
    expect(await b.breaker.fire()).toBe('fine');
    expect(a.breaker.closed).toBe(false);
  });
});
