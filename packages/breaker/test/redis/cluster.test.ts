import { type OwnCluster, ownCluster } from '@bulletproof/test-kit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { outcomeOf, Processes } from './processes.js';

let cluster: OwnCluster;
const fleets: Processes[] = [];
const clients: Cluster[] = [];

beforeAll(async () => {
  cluster = await ownCluster();
}, 60_000);

afterAll(async () => {
  await Promise.all(fleets.map((fleet) => fleet.close()));
  for (const client of clients) client.disconnect();
  await cluster.stop();
});

it('works on a Redis Cluster: breakers of several slots open and close together', async () => {
  for (const name of ['stripe', 'mail', 'search']) {
    const fleet = new Processes();
    fleets.push(fleet);
    for (let n = 0; n < 2; n += 1) {
      const client = new Cluster([...cluster.startNodes]);
      clients.push(client);
      fleet.add('redis://unused:1', { name, redis: client, resetTimeout: 100 });
    }
    await fleet.joined();
    fleet.up = false;
    await outcomeOf(fleet.first.fire());
    await fleet.all('open');
    await fleet.all('half-open');
    fleet.up = true;
    expect(await outcomeOf(fleet.second.fire())).toBe('fine');
    await fleet.all('closed');
    expect(fleet.calls).toBe(2);
  }
}, 60_000);
