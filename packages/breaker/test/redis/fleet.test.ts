// Fleets on a real Redis: each breaker has connections of its own, as in a process of its own.
import {
  commandCount,
  keysUnder,
  leftoverKeys,
  type OwnRedis,
  ownRedis,
  removeKeys,
} from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { outcomeOf, Processes, turn } from './processes.js';

let redis: OwnRedis;
let fleet: Processes;

beforeAll(async () => {
  redis = await ownRedis();
});

afterAll(() => redis.stop());

beforeEach(() => {
  fleet = new Processes();
});

afterEach(async () => {
  await fleet.close();
  expect(await leftoverKeys(redis.client, fleet.prefix)).toEqual([]);
  await removeKeys(redis.client, fleet.prefix);
});

describe('a fleet on Redis', () => {
  it('opens, probes once and closes together', async () => {
    for (let n = 0; n < 5; n += 1) fleet.add(redis.url);
    await fleet.joined();
    fleet.up = false;
    expect(await outcomeOf(fleet.first.fire())).toBe('down');
    await fleet.all('open');
    expect(fleet.calls).toBe(1);
    for (const breaker of fleet.breakers)
      expect(await outcomeOf(breaker.fire())).toBe('EOPENBREAKER');
    await fleet.all('half-open');
    fleet.up = true;
    const calls = await Promise.all(fleet.breakers.map((breaker) => outcomeOf(breaker.fire())));
    expect(calls.filter((one) => one === 'fine')).toHaveLength(1);
    await fleet.all('closed');
    expect(fleet.calls).toBe(2);
    expect(await keysUnder(redis.client, fleet.prefix)).toHaveLength(2);
  });

  it('[3] has one probe an open interval over 30 intervals of 8 processes', async () => {
    for (let n = 0; n < 8; n += 1) fleet.add(redis.url, { resetTimeout: 30, maxResetTimeout: 30 });
    await fleet.joined();
    fleet.up = false;
    await outcomeOf(fleet.first.fire());
    await fleet.all('open');
    const epochs = new Set<number>();
    for (const breaker of fleet.breakers) {
      breaker.on('fleetState', ({ state, epoch }) => state === 'open' && epochs.add(epoch));
    }
    while (epochs.size < 30) {
      await Promise.all(fleet.breakers.map((breaker) => outcomeOf(breaker.fire())));
      await turn();
    }
    // The first call was no probe; one may be under way.
    expect(fleet.calls - 1 - epochs.size).toBeGreaterThanOrEqual(0);
    expect(fleet.calls - 1 - epochs.size).toBeLessThanOrEqual(1);
  });

  it('[15] sends no command for a call', async () => {
    const breaker = fleet.add(redis.url, { pollInterval: '1h' });
    await fleet.joined();
    const before = (await commandCount(redis.client)).evalsha ?? 0;
    for (let n = 0; n < 20_000; n += 1) {
      await breaker.fire();
      if (n % 1_000 === 0) await turn();
    }
    const after = (await commandCount(redis.client)).evalsha ?? 0;
    expect(after - before).toBeLessThanOrEqual(25);
  });

  it('reports the failures of a thousand calls a second with few commands', async () => {
    const breaker = fleet.add(redis.url, { volumeThreshold: 1_000_000, localTrip: 'off' });
    await fleet.joined();
    fleet.up = false;
    const started = performance.now();
    const before = (await commandCount(redis.client)).evalsha ?? 0;
    for (let n = 0; n < 20_000; n += 1) {
      await outcomeOf(breaker.fire());
      if (n % 100 === 0) await redis.client.ping();
    }
    const commands = ((await commandCount(redis.client)).evalsha ?? 0) - before;
    const seconds = Math.ceil((performance.now() - started) / 1_000);
    expect(commands).toBeLessThanOrEqual(25 * seconds);
    expect(commands).toBeGreaterThan(0);
  });

  it('forces and releases the fleet, with a reason', async () => {
    const [a, b] = [fleet.add(redis.url), fleet.add(redis.url)];
    await fleet.joined();
    await a.forceOpen({ ttl: '1m', reason: 'maintenance' });
    await fleet.all('forced-open');
    expect(b.snapshot()).toMatchObject({ reason: 'maintenance', by: 'p0' });
    await b.release();
    await fleet.all('closed');
  });

  it('a late process hears at once that it is open', async () => {
    const a = fleet.add(redis.url, { resetTimeout: 60_000 });
    await fleet.joined();
    fleet.up = false;
    await outcomeOf(a.fire());
    await fleet.all('open');
    const late = fleet.add(redis.url, { resetTimeout: 60_000 });
    await fleet.joined();
    expect(await outcomeOf(late.fire())).toBe('EOPENBREAKER');
    expect(fleet.calls).toBe(1);
  });

  it('tells when processes have different options', async () => {
    const a = fleet.add(redis.url);
    await fleet.joined();
    const b = fleet.add(redis.url, { quorum: 2 });
    await fleet.joined();
    const mismatch = new Promise((resolve) => b.on('configMismatch', resolve));
    await a.fire();
    await b.fire();
    fleet.up = false;
    await outcomeOf(a.fire());
    await outcomeOf(b.fire());
    expect(await mismatch).toMatchObject({ name: 'stripe' });
  });
});
