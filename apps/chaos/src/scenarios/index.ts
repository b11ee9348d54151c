import type { Scenario } from '../scenario.js';
import { frozenProducer } from './frozen-producer.js';
import { frozenWorker } from './frozen-worker.js';
import { workerKill } from './worker-kill.js';

/** All scenarios, by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  [workerKill, frozenWorker, frozenProducer].map((scenario) => [scenario.name, scenario]),
);
