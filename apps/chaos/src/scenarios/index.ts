import type { Scenario } from '../scenario.js';
import { breakerFleet } from './breaker-fleet.js';
import { breakerProbeKilled } from './breaker-probe-killed.js';
import { breakerRedisAway } from './breaker-redis-away.js';
import { doubleEnqueue } from './double-enqueue.js';
import { explorer } from './explorer.js';
import { frozenProducer } from './frozen-producer.js';
import { frozenWorker } from './frozen-worker.js';
import { onceInTransaction } from './once-in-transaction.js';
import { outbox } from './outbox.js';
import { redisRestart } from './redis-restart.js';
import { shutdown } from './shutdown.js';
import { workerKill } from './worker-kill.js';

/** All scenarios, by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  [
    workerKill,
    frozenWorker,
    frozenProducer,
    redisRestart,
    doubleEnqueue,
    shutdown,
    explorer,
    outbox,
    onceInTransaction,
    breakerFleet,
    breakerProbeKilled,
    breakerRedisAway,
  ].map((scenario) => [scenario.name, scenario]),
);
