import { portOf } from '@bulletproof/kernel';
import { type OwnRedis, ownRedis } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Redis } from 'ioredis';
import { Announced } from '../history/hearing.js';
import { Lockstep } from '../history/lockstep.js';
import { history } from '../history/moves.js';
import { EQUIVALENT } from './equivalent.js';
import { allMutants, type Mutant } from './mutate.js';

/** Every how manieth mutant is hunted; 1 by hand. */
const STRIDE = Number(process.env.MUTANT_STRIDE ?? 8);
const LANES = 8;
const HISTORIES = fc.sample(history, { numRuns: 150, seed: 4242 });

let server: OwnRedis;
let subscriber: Redis;
let hearing: Announced;

beforeAll(async () => {
  server = await ownRedis();
  subscriber = new Redis(server.url);
  hearing = await Announced.open(subscriber);
});

afterAll(async () => {
  subscriber.disconnect();
  await server.stop();
});

async function isCaught(mutant: Mutant): Promise<boolean> {
  const port = mutant.port(portOf(server.client));
  for (const one of HISTORIES) {
    try {
      await new Lockstep(server.client, hearing, port).play(one);
    } catch {
      return true;
    }
  }
  return false;
}

describe('mutants of the scripts', () => {
  const all = allMutants();

  it('have a list of equivalent ones that names only those that exist', () => {
    const ids = new Set(all.map(({ id }) => id));
    expect(Object.keys(EQUIVALENT).filter((id) => !ids.has(id))).toEqual([]);
  });

  it('are caught by histories, all that are not equivalent', async () => {
    const chosen = all.filter(({ id }, index) => index % STRIDE === 0 && !(id in EQUIVALENT));
    const survivors: string[] = [];
    const queue = [...chosen];
    const lane = async (): Promise<void> => {
      for (let mutant = queue.pop(); mutant; mutant = queue.pop()) {
        if (!(await isCaught(mutant))) survivors.push(mutant.id);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const caught = chosen.length - survivors.length;
    process.stdout.write(
      `breaker mutants: ${caught} of ${chosen.length} caught, ${all.length} in all\n`,
    );
    expect(survivors.sort()).toEqual([]);
  }, 900_000);
});
