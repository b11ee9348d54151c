/** Rounds of each race. */
export const ROUNDS = Number(process.env.RACE_ROUNDS ?? 200);
/** Rounds beside each other, so that commands of several meet on the way. */
const LANES = 8;

/** Plays rounds from 0 on. */
export async function rounds(play: (round: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let round = next++; round < ROUNDS; round = next++) await play(round);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/**
 * Lets two operations collide. In every fourth round one is through before the other begins, and the other way round, so that both
 * outcomes are seen in any case; in the rest the server decides.
 */
export async function collide<A, B>(
  round: number,
  one: () => Promise<A>,
  other: () => Promise<B>,
): Promise<readonly [A, B]> {
  switch (round % 4) {
    case 0: {
      const first = await one();
      return [first, await other()];
    }
    case 1: {
      const first = await other();
      return [await one(), first];
    }
    case 2:
      return Promise.all([one(), other()]);
    default: {
      const begun = other();
      return Promise.all([one(), begun]);
    }
  }
}
