import { parseArgs } from 'node:util';

/** What the person at the terminal asked for. */
export interface DemoOptions {
  /** Bare BullMQ instead of Bulletproof. */
  bare: boolean;
  /** One JSON object as the last line. */
  json: boolean;
  /** How many orders. */
  orders: number;
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
      orders: { type: 'string', default: '300' },
      seed: { type: 'string', default: '2611' },
    },
  });
  const { bare, json } = values;
  return {
    bare,
    json,
    orders: wholeNumber('--orders', values.orders, FEWEST_ORDERS),
    seed: wholeNumber('--seed', values.seed, 0),
  };
}

/** Fewer are done before there is anything to kill. */
const FEWEST_ORDERS = 40;

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`Expected ${option} with a whole number from ${least}, got ${text}.`);
}
