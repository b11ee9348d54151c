import { parseArgs } from 'node:util';

/** What the person at the terminal asked for. */
export interface DemoOptions {
  /** Bare BullMQ instead of Bulletproof. */
  bare: boolean;
  /** One JSON object as the last line. */
  json: boolean;
  /** Decides every order, repeat and conflict. */
  seed: number;
}

/** Reads the command line; refuses what it does not know. */
export function readOptions(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    options: {
      bare: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      seed: { type: 'string', default: '2611' },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new Error(`Expected --seed with a whole number from 0, got ${values.seed}.`);
  }
  return { bare: values.bare, json: values.json, seed };
}
