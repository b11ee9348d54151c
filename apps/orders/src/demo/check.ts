/** One thing that must be true. */
export interface Check {
  name: string;
  passed: boolean;
  /** What was found, for people. */
  found: string;
  /** Ids of what is wrong. */
  culprits: string[];
}

/** A check, passed when nothing is wrong. */
export function check(name: string, culprits: string[], found: string): Check {
  return { name, passed: culprits.length === 0, found, culprits };
}
