import { createHash } from 'node:crypto';

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** Gives the same endless row of numbers in [0, 1) for the same seed, on every machine. */
export function seededRandom(seed: number | string): Random {
  let drawn = 0;
  return () => {
    drawn += 1;
    const hash = createHash('sha256').update(`${seed}/${drawn}`).digest();
    return hash.readUIntBE(0, 6) / 2 ** 48;
  };
}

/** Draws a whole number from `from` to `to`, both included. */
export function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}
