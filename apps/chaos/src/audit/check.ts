/** One thing that must be true at the end. */
export interface Check {
  readonly name: string;
  readonly passed: boolean;
  /** What was found, for people. */
  readonly found: string;
  /** What is wrong, by name. */
  readonly culprits: readonly string[];
}

/** What a scenario found. */
export interface Audit {
  readonly checks: readonly Check[];
  /** How the words of the checks are meant, a line each. */
  readonly definitions: readonly string[];
  readonly figures: Figures;
}

/** Numbers for programs; these two are in every audit. */
export interface Figures {
  /** Jobs that were acknowledged and did not end. */
  readonly lost: number;
  /** Effects beyond what the contract allows. */
  readonly doubled: number;
  readonly [name: string]: number;
}

/** A check that passes when nothing is wrong. */
export function check(name: string, culprits: readonly string[], found: string): Check {
  return { name, passed: culprits.length === 0, found, culprits };
}

/** Whether all is as it must be. */
export function isPassed({ checks }: Pick<Audit, 'checks'>): boolean {
  return checks.every(({ passed }) => passed);
}
