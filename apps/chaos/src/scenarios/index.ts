import type { Scenario } from '../scenario.js';
import { workerKill } from './worker-kill.js';

/** All scenarios, by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  [workerKill].map((scenario) => [scenario.name, scenario]),
);
