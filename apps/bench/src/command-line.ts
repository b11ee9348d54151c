import { parseArgs } from 'node:util';
import { SCENARIOS, type Scenario } from './scenarios.js';

/** What the person at the terminal asked for. */
export interface Command {
  readonly scenario: Scenario;
  readonly rounds: number;
  /** Jobs of one side in one round. */
  readonly jobs: number;
  /** One JSON object as the last line. */
  readonly json: boolean;
  /** Exit status 1 when the ratio misses the scenario's goal. */
  readonly check: boolean;
}

/** How the program is called. */
export const USAGE = [
  'npm run bench -- <scenario> [--rounds N] [--jobs N] [--json] [--check]',
  '',
  ...[...SCENARIOS.values()].map(({ name, about }) => `  ${name.padEnd(14)} ${about}`),
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
      rounds: { type: 'string' },
      jobs: { type: 'string' },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
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
    rounds: wholeNumber('--rounds', values.rounds, scenario.rounds),
    jobs: wholeNumber('--jobs', values.jobs, scenario.jobs),
    json: values.json,
    check: values.check,
  };
}

function wholeNumber(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`Expected ${option} with a whole number from 1, got '${text}'.`);
}
