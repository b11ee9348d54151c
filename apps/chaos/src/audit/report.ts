import type { Scenario } from '../scenario.js';
import { type Audit, isPassed } from './check.js';

const CULPRITS_SHOWN = 6;

/** A run of a scenario that is over. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly jobs: number;
  readonly kills: number;
  readonly sabotage: boolean;
  readonly audit: Audit;
  readonly seconds: number;
}

/** The outcome for people. */
export function tableOf({ scenario, audit, sabotage, seconds }: Outcome): string {
  const width = Math.max(...audit.checks.map(({ name }) => name.length));
  const lines = audit.checks.flatMap(({ name, passed, found, culprits }) => {
    const line = `  ${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(width)}  ${found}`;
    if (passed || culprits.length === 0) return [line];
    const more = culprits.length > CULPRITS_SHOWN ? `, … (${culprits.length})` : '';
    return [line, `        ${culprits.slice(0, CULPRITS_SHOWN).join(', ')}${more}`];
  });
  const verdict = isPassed(audit) ? 'PASSED' : 'FAILED';
  const why = sabotage ? `, sabotaged: ${scenario.sabotage}` : '';
  return [
    'Audit:',
    ...lines,
    ...audit.definitions.map((definition) => `  (${definition})`),
    `${scenario.name} ${verdict} in ${seconds.toFixed(1)} s${why}`,
  ].join('\n');
}

/** The outcome as one line of JSON. */
export function jsonOf(outcome: Outcome): string {
  const { scenario, seed, jobs, kills, sabotage, audit, seconds } = outcome;
  return JSON.stringify({
    scenario: scenario.name,
    passed: isPassed(audit),
    seed,
    sabotage,
    jobs,
    kills,
    ...audit.figures,
    failed: audit.checks.filter(({ passed }) => !passed).map(({ name }) => name),
    seconds: Math.round(seconds * 10) / 10,
  });
}
