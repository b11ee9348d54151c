import { loadavg } from 'node:os';
import type { Figures } from './rounds.js';
import type { Goal, Scenario } from './scenarios.js';
import type { SideName } from './sides/side.js';
import type { Figure } from './stage.js';
import { median, type Quartiles, quartiles } from './statistics.js';

/** Medians over the rounds of what is measured besides the figure itself. */
export type Details = Partial<Record<Exclude<keyof Figure, 'value'>, number>>;

/** The outcome of a scenario; what `--json` prints. */
export interface Report {
  readonly scenario: string;
  readonly unit: Scenario['unit'];
  readonly rounds: number;
  /** Jobs of one side in one round. */
  readonly jobs: number;
  /** Median over the rounds. */
  readonly ours: number;
  /** Median over the rounds of the other side. */
  readonly baseline: number;
  /** `ours` divided by `baseline`. */
  readonly ratio: number;
  /** Median over the rounds of the ratio within the round; on a busy machine the better one. */
  readonly pairedRatio: number;
  /** Null: none is set. */
  readonly goal: Goal | null;
  /** Whether `pairedRatio` reaches the goal; null without one. */
  readonly reached: boolean | null;
  /** Where the middle half of the rounds lies. */
  readonly quartiles: {
    readonly ours: Quartiles;
    readonly baseline: Quartiles;
    readonly ratio: Quartiles;
  };
  readonly details: { readonly ours: Details; readonly baseline: Details };
  /** How many processes wanted to run in the minute before the end. */
  readonly load: number;
  readonly node: string;
  readonly redis: string;
}

/** Sums the rounds up. */
export function reportOn(
  scenario: Scenario,
  figures: Figures,
  given: { readonly jobs: number; readonly redis: string },
): Report {
  const values = (side: SideName) => figures[side].map(({ value }) => value);
  const [ours, bare] = [values('ours'), values('bare')];
  const ratios = ours.map((value, round) => value / (bare[round] ?? Number.NaN));
  return {
    scenario: scenario.name,
    unit: scenario.unit,
    rounds: ours.length,
    jobs: given.jobs,
    ours: round(median(ours)),
    baseline: round(median(bare)),
    ratio: round(median(ours) / median(bare)),
    pairedRatio: round(median(ratios)),
    goal: scenario.goal ?? null,
    reached: scenario.goal === undefined ? null : reachesGoal(scenario.goal, median(ratios)),
    quartiles: {
      ours: rounded(quartiles(ours)),
      baseline: rounded(quartiles(bare)),
      ratio: rounded(quartiles(ratios)),
    },
    details: { ours: detailsOf(figures.ours), baseline: detailsOf(figures.bare) },
    load: round(loadavg()[0] ?? Number.NaN),
    node: process.versions.node,
    redis: given.redis,
  };
}

/** The outcome as a table for people. */
export function tableOf(scenario: Scenario, report: Report): string {
  const { ours, baseline, ratio, pairedRatio, quartiles: middle, details } = report;
  const rows = [
    ['', `median (${report.unit})`, 'middle half', ...Object.keys(details.ours).map(titleOf)],
    ['Bulletproof', show(ours), span(middle.ours), ...Object.values(details.ours).map(show)],
    [
      scenario.rival ?? 'bare BullMQ',
      show(baseline),
      span(middle.baseline),
      ...Object.values(details.baseline).map(show),
    ],
    ['ratio', show(ratio), span(middle.ratio)],
    ['by rounds', show(pairedRatio), goalOf(report)],
  ];
  return [
    `${scenario.name}: ${scenario.about}`,
    `${report.rounds} rounds of ${report.jobs} jobs each side, Node ${report.node}, Redis ${report.redis}, load ${report.load}`,
    '',
    ...aligned(rows),
  ].join('\n');
}

const TITLES: Readonly<Record<keyof Details, string>> = {
  nodeCpuUs: 'Node µs/job',
  redisCpuUs: 'Redis µs/job',
  scripts: 'scripts/job',
  commands: 'commands/job',
  commandsPerS: 'commands/s',
  p99: 'p99 (ms)',
};

/** Whether a ratio is as the goal wants it. */
export function reachesGoal(goal: Goal, ratio: number): boolean {
  return 'atLeast' in goal ? ratio >= goal.atLeast : ratio <= goal.atMost;
}

function goalOf({ goal, reached }: Report): string {
  if (goal === null) return '';
  const bound = 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  return `goal: ${bound}, ${reached ? 'reached' : 'missed'}`;
}

function titleOf(detail: string): string {
  return TITLES[detail as keyof Details];
}

function detailsOf(figures: readonly Figure[]): Details {
  const found = (Object.keys(TITLES) as (keyof Details)[]).flatMap((detail) => {
    const values = figures.map((figure) => figure[detail]).filter((value) => value !== undefined);
    return values.length === 0 ? [] : [[detail, round(median(values))] as const];
  });
  return Object.fromEntries(found);
}

/** Three figures after the point of what is small, none of what is large. */
function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Math.round(value * 1_000) / 1_000;
}

function rounded({ low, high }: Quartiles): Quartiles {
  return { low: round(low), high: round(high) };
}

function show(value: number): string {
  return Math.abs(value) >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}

function span({ low, high }: Quartiles): string {
  return `${show(low)} – ${show(high)}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
