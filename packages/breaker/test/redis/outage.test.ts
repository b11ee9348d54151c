// Redis stands still, dies, comes back empty: nobody waits, nobody sees its errors, and the fleet finds together again.
import { type OwnRedis, ownRedis, TcpProxy } from '@bulletproof/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { outcomeOf, Processes, turn, until } from './processes.js';

let redis: OwnRedis;
let fleet: Processes;

beforeEach(async () => {
  redis = await ownRedis();
  fleet = new Processes();
});

afterEach(async () => {
  await fleet.close();
  await redis.stop();
});

/** Fires until all have noticed that the store is away, and answers the codes and messages that callers saw. */
async function fireUntilAway(): Promise<Set<unknown>> {
  const seen = new Set<unknown>();
  while (fleet.breakers.some((breaker) => breaker.snapshot().store === 'up')) {
    for (const breaker of fleet.breakers) seen.add(await outcomeOf(breaker.fire()));
    await turn();
  }
  return seen;
}

describe('a fleet whose Redis is', () => {
  it('stopped (SIGSTOP): goes on alone, and together again', async () => {
    fleet.add(redis.url, { storeTimeout: 100 });
    fleet.add(redis.url, { storeTimeout: 100 });
    await fleet.joined();
    await redis.pause();
    expect(await fireUntilAway()).toEqual(new Set(['fine']));
    fleet.up = false;
    const a = fleet.first;
    while (a.closed) await outcomeOf(a.fire());
    expect(a.snapshot()).toMatchObject({ scope: 'local', store: 'down' });
    await redis.resume();
    fleet.up = true;
    await fleet.joined();
    await fleet.all('closed');
  });

  it('killed and started again, empty: what the processes know is put back', async () => {
    fleet.add(redis.url, { resetTimeout: 20_000 });
    fleet.add(redis.url, { resetTimeout: 20_000 });
    await fleet.joined();
    fleet.up = false;
    await outcomeOf(fleet.first.fire());
    await fleet.all('open');
    const { epoch } = fleet.first.snapshot();
    await redis.kill();
    await Promise.all(
      fleet.breakers.map((breaker) => until(breaker, (now) => now.store === 'down')),
    );
    for (const breaker of fleet.breakers)
      expect(await outcomeOf(breaker.fire())).toBe('EOPENBREAKER');
    await redis.restart();
    await fleet.joined();
    const stranger = fleet.add(redis.url, { resetTimeout: 20_000 });
    await until(stranger, ({ state }) => state === 'open');
    expect(stranger.snapshot()).toMatchObject({ epoch, scope: 'fleet' });
    expect(fleet.calls).toBe(1);
  });

  it('without its scripts: sends them again', async () => {
    const a = fleet.add(redis.url);
    await fleet.joined();
    await redis.client.script('FLUSH');
    fleet.up = false;
    await outcomeOf(a.fire());
    await until(a, ({ state, scope }) => state === 'open' && scope === 'fleet');
  });

  it('behind a slow line: no call waits for it', async () => {
    const proxy = await TcpProxy.open(redis.url);
    const a = fleet.add(proxy.url, { storeTimeout: 2_000 });
    await fleet.joined();
    proxy.delay(300);
    fleet.up = false;
    const started = performance.now();
    expect(await outcomeOf(a.fire())).toBe('down');
    expect(await outcomeOf(a.fire())).toBe('EOPENBREAKER');
    expect(performance.now() - started).toBeLessThan(300);
    await until(a, ({ state, scope }) => state === 'open' && scope === 'fleet');
    await fleet.close();
    await proxy.close();
  });

  it('read-only after a failover: goes on alone until it may write', async () => {
    const a = fleet.add(redis.url);
    await fleet.joined();
    await redis.client.replicaof('127.0.0.1', 1);
    fleet.up = false;
    await outcomeOf(a.fire());
    await until(a, ({ store }) => store === 'down');
    expect(a.opened || a.halfOpen).toBe(true);
    await redis.client.replicaof('NO', 'ONE');
    fleet.up = true;
    await fleet.joined();
  });
});
