import { describe, expect, test } from '@jest/globals';
import { readCommand, USAGE } from '../src/command-line.js';
import { SCENARIOS } from '../src/scenarios.js';

describe('the command line', () => {
  test.each([...SCENARIOS.keys()])('%s is a scenario, with rounds and jobs of its own', (name) => {
    const command = readCommand([name]);
    expect(command).toMatchObject({ scenario: { name }, json: false, check: false });
    expect(command.rounds).toBe(command.scenario.rounds);
    expect(command.jobs).toBe(command.scenario.jobs);
    expect(USAGE).toContain(name);
  });

  test('options are read wherever they stand', () => {
    const args = ['--rounds', '3', 'noop', '--jobs=20', '--json', '--check'];
    expect(readCommand(args)).toMatchObject({ rounds: 3, jobs: 20, json: true, check: true });
  });

  test.each([
    [[], /one of noop.*got ''/],
    [['nap'], /one of noop.*got 'nap'/],
    [['noop', 'idempotent'], /got 'noop idempotent'/],
    [['noop', '--rounds', '0'], /--rounds with a whole number from 1, got '0'/],
    [['noop', '--rounds', ''], /--rounds with a whole number/],
    [['noop', '--jobs', '1.5'], /--jobs with a whole number from 1, got '1.5'/],
    [['noop', '--fast'], /--fast/],
  ])('%j is refused with what was expected', (args, message) => {
    expect(() => readCommand(args)).toThrow(message);
  });
});
