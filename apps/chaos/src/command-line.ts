import { parseArgs } from 'node:util';
import type { Quantity, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios/index.js';

/** What the person at the terminal asked for. */
export interface Command {
  readonly scenario: Scenario;
  readonly jobs: number;
  readonly kills: number;
  readonly seed: number;
  /** One JSON object as the last line. */
  readonly json: boolean;
  readonly sabotage: boolean;
}

/** How the program is called. */
export const USAGE = [
  'npm run chaos -- <scenario> [--jobs N] [--kills N] [--seed S] [--json] [--sabotage]',
  '',
  ...[...SCENARIOS.values()].flatMap(({ name, about, jobs, kills, sabotage }) => [
    `  ${name.padEnd(16)} ${about}`,
    `  ${''.padEnd(16)} --jobs      ${described(jobs)}`,
    ...(kills ? [`  ${''.padEnd(16)} --kills     ${described(kills)}`] : []),
    `  ${''.padEnd(16)} --sabotage  ${sabotage}`,
  ]),
].join('\n');

/**
 * Reads the command line.
 * @throws Error, with what was expected, for what is unknown or no whole number
 */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      jobs: { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      sabotage: { type: 'boolean', default: false },
    },
  });
  const [name = ''] = positionals;
  const scenario = positionals.length === 1 ? SCENARIOS.get(name) : undefined;
  if (!scenario) {
    throw new Error(
      `Expected one of ${[...SCENARIOS.keys()].join(', ')}, got '${positionals.join(' ')}'.`,
    );
  }
  return {
    scenario,
    jobs: wholeNumber('--jobs', values.jobs, scenario.jobs.otherwise),
    kills: wholeNumber('--kills', values.kills, scenario.kills?.otherwise ?? 0),
    seed: wholeNumber('--seed', values.seed, 1),
    json: values.json,
    sabotage: values.sabotage,
  };
}

function wholeNumber(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`Expected ${option} with a whole number from 1, got '${text}'.`);
}

function described({ means, otherwise }: Quantity): string {
  return `${means} (${otherwise})`;
}
