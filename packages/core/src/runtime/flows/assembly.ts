import {
  type Clock,
  keyspace,
  type RedisConnection,
  ScriptRunner,
  systemClock,
  type TypedEmitter,
} from '@bulletproof/kernel';
import { RedisFlowStore } from '../../flow/internal.js';
import type { RecordStore } from '../../idempotency/store.js';
import type { AppEvents } from '../app-events.js';
import type { Bounded } from '../bounded.js';
import { BullFlows } from '../bullmq/flows.js';
import type { Cancellations } from '../cancellations.js';
import type { ResultOf } from '../job-context.js';
import type { ResolvedOptions } from '../options.js';
import type { PrepareParts } from '../prepare.js';
import type { QueuePort } from '../queue-port.js';
import type { Settle } from '../settle.js';
import { FlowDesk } from './flow-desk.js';
import { FlowDoctor } from './flow-doctor.js';
import type { FlowPort } from './flow-port.js';
import { FlowResults } from './flow-results.js';
import { FlowRuns } from './flow-runs.js';
import { Flows } from './flows.js';
import { Grants } from './grants.js';
import { Waker } from './waker.js';

/** What an app's flows are made of. */
export interface AppFlows {
  readonly port: FlowPort;
  readonly waker: Waker;
  readonly doctor: FlowDoctor;
  /** The face of it; `closing` is aborted when the app closes. */
  readonly open: (closing: AbortSignal) => Flows;
}

/** Puts together what starts flows and looks after them. */
export function assembleFlows(parts: {
  readonly options: ResolvedOptions;
  readonly connection: RedisConnection;
  /** BullMQ's. */
  readonly prefix: string;
  readonly prepare: PrepareParts;
  readonly queues: QueuePort;
  readonly bounded: Bounded;
  readonly events: TypedEmitter<AppEvents>;
  readonly clock: Clock;
  readonly announceCancel: (id: string, reason: string) => Promise<void>;
}): AppFlows {
  const { options, connection, queues, clock, events } = parts;
  const { logger, lease: leaseMs } = options;
  const port = new BullFlows({
    prefix: parts.prefix,
    connection,
    onError: (error) => logger.debug({ err: error }, 'the producer of flows reported an error'),
  });
  const waker = new Waker(port);
  const store = flowStoreOn(options, connection);
  const desk = new FlowDesk({ ...parts, store, port, waker });
  const doctor = new FlowDoctor({ store, port, queues, desk, waker, logger, leaseMs, events });
  return {
    port,
    waker,
    doctor,
    open: (closing) => new Flows({ desk, queues, clock, closing }),
  };
}

/** Puts together what a worker's runs of flows need. */
export function flowRunsOn(parts: {
  readonly options: ResolvedOptions;
  readonly connection: RedisConnection;
  readonly records: RecordStore;
  readonly settle: Settle;
  readonly events: TypedEmitter<AppEvents>;
  readonly flows: AppFlows;
  readonly cancellations: Cancellations;
}): { readonly flows: FlowRuns; readonly resultOf: ResultOf } {
  const { options, connection, records, settle, events, cancellations } = parts;
  const store = flowStoreOn(options, connection);
  const results = new FlowResults(store);
  const flows = new FlowRuns({
    flows: store,
    records,
    waker: parts.flows.waker,
    grants: new Grants(systemClock, (callId) => cancellations.has(callId)),
    events,
    logger: options.logger,
    leaseMs: options.lease,
    keepDeadForMs: options.keepDeadFor,
    persist: (run, write) => settle.persist(run, write),
  });
  return { flows, resultOf: (place, wanted) => results.resultOf(place, wanted) };
}

function flowStoreOn({ prefix }: ResolvedOptions, connection: RedisConnection): RedisFlowStore {
  return new RedisFlowStore(new ScriptRunner(connection.port), keyspace(prefix));
}
