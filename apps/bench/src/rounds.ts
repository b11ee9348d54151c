import type { Scenario } from './scenarios.js';
import type { SideName } from './sides/side.js';
import type { Figure } from './stage.js';
import { RedisWatch } from './work/redis-watch.js';

/** How much is measured, and where. */
export interface RoundsOptions {
  readonly rounds: number;
  /** Jobs of one side in one round. */
  readonly jobs: number;
  readonly redisUrl: string;
  /** For scenarios with an outbox. */
  readonly databaseUrl?: string | undefined;
}

/** The figures of both sides; those at one place were measured one after the other. */
export type Figures = Readonly<Record<SideName, readonly Figure[]>>;

/**
 * Measures both sides in turn, round by round, so that what happens to the machine happens to both. Who begins
 * changes from round to round. A round for practice comes first and is not counted.
 */
export async function playRounds(
  scenario: Scenario,
  { rounds, jobs, redisUrl, databaseUrl }: RoundsOptions,
): Promise<Figures> {
  const figures: Record<SideName, Figure[]> = { ours: [], bare: [] };
  const watch = await RedisWatch.open(redisUrl);
  const stage = scenario.open();
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const order: readonly SideName[] = round % 2 === 0 ? ['ours', 'bare'] : ['bare', 'ours'];
      for (const side of order) {
        const prefix = `bench-${process.pid}-${round}-${side}`;
        const place = { redisUrl, databaseUrl, prefix, keyed: scenario.keyed };
        try {
          const figure = await stage.measure(side, place, jobs);
          if (round > 0) figures[side].push(figure);
        } finally {
          await watch.remove(prefix);
        }
      }
    }
  } finally {
    await stage.close();
    await watch.close();
  }
  return figures;
}
