import { type OwnRedis, ownRedis } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allMutants, type BuiltMutant, build } from './build.js';
import { EQUIVALENT } from './equivalent.js';
import { Hunt } from './hunt.js';

/** Every how manieth mutant is hunted; 1 by hand. */
const STRIDE = Number(process.env.MUTANT_STRIDE ?? 8);
/** Part of the ids of those that are hunted, for a closer look by hand. */
const MATCH = process.env.MUTANT_MATCH ?? '';
/** Mutants that are hunted beside each other. */
const LANES = 4;

let server: OwnRedis;

beforeAll(async () => {
  server = await ownRedis();
});

afterAll(() => server.stop());

describe('mutants of the scripts', () => {
  const all = allMutants();

  it('have ids of their own, and the list of equivalent ones names only those that exist', () => {
    const ids = new Set(all.map(({ id }) => id));
    expect(ids.size).toBe(all.length);
    expect(Object.keys(EQUIVALENT).filter((id) => !ids.has(id))).toEqual([]);
  });

  it('are not caught for being run in another way: the scripts themselves are not', async () => {
    const undamaged = { id: 'none', file: 'none.lua', text: '', scripts: [] };
    expect(await new Hunt(server.client).catcherOf(undamaged)).toBeUndefined();
  }, 120_000);

  it('are caught, all that are not equivalent', async () => {
    const hunted = all.filter(({ id }) => id.includes(MATCH) && !(id in EQUIVALENT));
    const chosen = hunted.filter((_, index) => index % STRIDE === 0);
    const started = performance.now();
    const { mutants, refused } = build(chosen);
    const survivors: string[] = [];
    const hunt = new Hunt(server.client);
    const queue = [...mutants];
    const lane = async (): Promise<void> => {
      for (let mutant = queue.pop(); mutant; mutant = queue.pop()) {
        if (!(await hunt.catcherOf(mutant))) survivors.push(mutant.id);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    report({ mutants, refused: refused.length, survivors, started });
    expect(survivors.sort()).toEqual([]);
    if (MATCH === '') expect(mutants.length).toBeGreaterThanOrEqual(20);
  }, 900_000);

  function report(score: {
    readonly mutants: readonly BuiltMutant[];
    readonly refused: number;
    readonly survivors: readonly string[];
    readonly started: number;
  }): void {
    const caught = score.mutants.length - score.survivors.length;
    const seconds = ((performance.now() - score.started) / 1000).toFixed(1);
    process.stdout.write(
      `mutants: ${caught} of ${score.mutants.length} caught, ${score.refused} refused by the generator, ` +
        `${Object.keys(EQUIVALENT).length} of all ${all.length} equivalent, ${seconds} s\n`,
    );
  }
});
