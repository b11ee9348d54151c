import { describe, expect, test } from '@jest/globals';
import { reachesGoal, reportOn, tableOf } from '../src/report.js';
import type { Scenario } from '../src/scenarios.js';

const scenario: Scenario = {
  name: 'walk',
  about: 'one foot after the other',
  unit: 'jobs/s',
  goal: { atLeast: 0.7 },
  keyed: false,
  rounds: 3,
  jobs: 10,
  open: () => {
    throw new Error('not measured here');
  },
};
const given = { jobs: 10, redis: '7.0.15' };

describe('the report', () => {
  const figures = {
    ours: [{ value: 50 }, { value: 80 }, { value: 90 }],
    bare: [{ value: 100 }, { value: 100 }, { value: 300 }],
  };

  test('medians, their ratio, and the median of the ratios of each round', () => {
    expect(reportOn(scenario, figures, given)).toMatchObject({
      scenario: 'walk',
      rounds: 3,
      jobs: 10,
      ours: 80,
      baseline: 100,
      ratio: 0.8,
      // 0.5, 0.8 and 0.3
      pairedRatio: 0.5,
      quartiles: { ratio: { low: 0.4, high: 0.65 } },
    });
  });

  test('the goal is judged by the ratio within rounds', () => {
    const { goal, reached } = reportOn(scenario, figures, given);
    expect({ goal, reached }).toEqual({ goal: { atLeast: 0.7 }, reached: false });
  });

  test('without a goal there is nothing to reach', () => {
    const report = reportOn({ ...scenario, goal: undefined }, figures, given);
    expect(report).toMatchObject({ goal: null, reached: null });
    expect(tableOf(scenario, report)).not.toContain('goal');
  });

  test('it survives JSON unchanged', () => {
    const report = reportOn(scenario, figures, given);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('details are medians of their own, and only those that were measured', () => {
    const counted = {
      ours: [
        { value: 1, scripts: 2, commands: 30 },
        { value: 1, scripts: 3, commands: 31 },
        { value: 1, scripts: 4, commands: 35 },
      ],
      bare: [{ value: 1, scripts: 1 }],
    };
    const { details } = reportOn(scenario, counted, given);
    expect(details).toEqual({ ours: { scripts: 3, commands: 31 }, baseline: { scripts: 1 } });
  });

  test('the table names both sides and aligns its columns', () => {
    const lines = tableOf(scenario, reportOn(scenario, figures, given)).split('\n');
    expect(lines[0]).toBe('walk: one foot after the other');
    const place = lines.find((line) => line.includes('median'))?.indexOf('median');
    expect(lines.find((line) => line.startsWith('Bulletproof'))?.indexOf('80')).toBe(place);
    expect(lines.find((line) => line.startsWith('bare BullMQ'))?.indexOf('100')).toBe(place);
  });
});

describe('a goal', () => {
  test('of throughput is a floor', () => {
    expect(reachesGoal({ atLeast: 0.9 }, 0.9)).toBe(true);
    expect(reachesGoal({ atLeast: 0.9 }, 0.89)).toBe(false);
  });

  test('of a wait is a ceiling', () => {
    expect(reachesGoal({ atMost: 1.2 }, 1.2)).toBe(true);
    expect(reachesGoal({ atMost: 1.2 }, 1.21)).toBe(false);
  });
});
