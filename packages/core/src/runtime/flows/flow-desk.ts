import { randomUUID } from 'node:crypto';
import {
  checkOptions,
  type Duration,
  PayloadTooLargeError,
  refuseOption,
  rule,
  type TypedEmitter,
} from '@bulletproof/kernel';
import { FlowIdConflictError, FlowNotRetriableError, UnknownFlowError } from '../../flow/errors.js';
import type { FlowEvents } from '../../flow/events.js';
import type { Flow } from '../../flow/graph/define.js';
import {
  checkCall,
  draftsOf,
  type FlowPlan,
  type FlowStore,
  type FlowView,
  graphDigest,
  isFlow,
  MAX_FLOW_ID,
  MAX_PAYLOADS,
  planOf,
  type TaskDelivery,
  type TaskDraft,
  type TaskLabel,
} from '../../flow/internal.js';
import type { Call } from '../../job/call.js';
import { isLabel } from '../../job/internal.js';
import type { Bounded } from '../bounded.js';
import { type PrepareParts, prepare } from '../prepare.js';
import type { FlowPort } from './flow-port.js';
import { treesOf } from './insertion.js';
import { envelopeOf } from './task-delivery.js';
import { taskCallId } from './task-id.js';
import type { Waker } from './waker.js';

const DAY_MS = 24 * 3_600_000;

/** How a flow is started. */
export interface StartOptions {
  /** Unique among the app's flows; the same id again is the same flow. 1 to 120 characters. @default a new one */
  readonly id?: string;
  /** Called once when the flow has ended, however. */
  readonly onComplete?: Call;
  /** Called once when all its nodes have succeeded, also after `retry()`. */
  readonly onSuccess?: Call;
  /** Called once when it has ended failed, compensated or cancelled. */
  readonly onFailure?: Call;
  /** How long its record is kept after the end. @default '24h' */
  readonly keepFor?: Duration;
}

const anything = (value: unknown): unknown => value;
const START_RULES = {
  id: rule.optional(
    rule.matching(
      `text of 1 to ${MAX_FLOW_ID} characters without control characters`,
      (value): value is string => isLabel(value) && value.length <= MAX_FLOW_ID,
    ),
  ),
  onComplete: rule.optional(anything),
  onSuccess: rule.optional(anything),
  onFailure: rule.optional(anything),
  keepFor: rule.defaulted(rule.duration({ min: 1_000, max: 365 * DAY_MS }), DAY_MS),
};

/** What starting, cancelling and retrying flows works with. */
export interface FlowDeskParts {
  readonly prepare: PrepareParts;
  readonly store: FlowStore;
  readonly port: FlowPort;
  readonly waker: Waker;
  readonly bounded: Bounded;
  readonly events: TypedEmitter<FlowEvents>;
  readonly announceCancel: (id: string, reason: string) => Promise<void>;
}

/** Where flows are started, cancelled and retried: the transition first, then BullMQ; both can be repeated. */
export class FlowDesk {
  readonly #parts: FlowDeskParts;

  constructor(parts: FlowDeskParts) {
    this.#parts = parts;
  }

  async start(
    flow: Flow<unknown>,
    options: StartOptions = {},
  ): Promise<{ readonly id: string; readonly deduplicated: boolean }> {
    if (!isFlow(flow)) refuseOption('start flow', 'what flow(), chain() or parallel() made', flow);
    const { plan, drafts } = await this.#plan(flow, options);
    const { store, port, bounded, events } = this.#parts;
    const { id } = plan;
    const isKnown = await bounded.run(async (isRepeat) => {
      const reply = await store.start(plan);
      if (reply.tag === 'conflict') throw new FlowIdConflictError(flow.name, id);
      // Its producer may have died before the insertion, which can be repeated as long as nothing has begun.
      if (reply.tag === 'known' && !reply.untouched) return !isRepeat;
      await port.insert(treesOf(id, drafts.slice(0, plan.nodes), first(plan)));
      return reply.tag === 'known' && !isRepeat;
    });
    if (!isKnown) events.emit('flow.started', { flow: id, kind: flow.name, nodes: plan.nodes });
    return { id, deduplicated: isKnown };
  }

  inspect(id: string): Promise<FlowView | undefined> {
    return this.#parts.bounded.run(() => this.#parts.store.inspect(id));
  }

  /** True when the flow is cancelled. */
  cancel(id: string, reason: string): Promise<boolean> {
    const { store, waker, bounded, announceCancel } = this.#parts;
    return bounded.run(async () => {
      const reply = await store.cancel(id, reason);
      if (reply.tag === 'unknown') throw new UnknownFlowError(id);
      if (reply.tag === 'settled') return reply.state === 'cancelled';
      await waker.wake(id, reply.wake);
      const view = await store.inspect(id, true);
      const labels = view ? (JSON.parse(view.labels) as TaskLabel[]) : [];
      for (const at of reply.begun) {
        const label = labels[at];
        const round = view?.tasks[at]?.round ?? 1;
        if (label) await announceCancel(taskCallId(id, label, round), reason);
      }
      return true;
    });
  }

  retry(id: string): Promise<void> {
    const { store, bounded } = this.#parts;
    return bounded.run(async () => {
      const reply = await store.retry(id);
      if (reply.tag === 'unknown') throw new UnknownFlowError(id);
      if (reply.tag === 'refused') throw new FlowNotRetriableError(id, reply.state);
      await this.insert(id, reply.tasks);
    });
  }

  /** Inserts these nodes of a flow with what they wait for among themselves. */
  async insert(id: string, tasks: readonly TaskDelivery[]): Promise<void> {
    const { store, port } = this.#parts;
    const view = await store.inspect(id, true);
    if (!view) throw new UnknownFlowError(id);
    const labels = JSON.parse(view.labels) as readonly TaskLabel[];
    const at = new Map(tasks.map(({ task }, index) => [task, index]));
    const graph = tasks.map(({ task }) => ({
      after: (labels[task]?.after ?? []).flatMap((before) => at.get(before) ?? []),
    }));
    await port.insert(treesOf(id, graph, tasks));
  }

  async #plan(
    flow: Flow<unknown>,
    options: StartOptions,
  ): Promise<{ readonly plan: FlowPlan; readonly drafts: readonly TaskDraft[] }> {
    const { prepare: parts } = this.#parts;
    const checked = checkOptions('start', options, START_RULES);
    const { id = randomUUID(), keepFor: keepMs } = checked;
    const callback = (name: 'onComplete' | 'onSuccess' | 'onFailure'): Call | undefined => {
      const call = checked[name];
      return call === undefined ? undefined : checkCall(flow.name, name, call);
    };
    const drafts = draftsOf(flow.graph, {
      onComplete: callback('onComplete'),
      onSuccess: callback('onSuccess'),
      onFailure: callback('onFailure'),
    });
    const prepared = await Promise.all(drafts.map(async ({ call }) => prepare(parts, call)));
    const made = prepared.map((ready, at) => ({
      envelope: envelopeOf(drafts[at] as TaskDraft, ready),
      queue: ready.delivery.queue,
    }));
    const bytes = made.reduce((sum, { envelope }) => sum + Buffer.byteLength(envelope), 0);
    const maxBytes = MAX_PAYLOADS * parts.maxPayloadBytes;
    if (bytes > maxBytes) throw new PayloadTooLargeError(`flow ${flow.name}`, bytes, maxBytes);
    const { name, graph } = flow;
    const about = { id, name, digest: graphDigest(name, graph), keepMs };
    return { plan: planOf(about, drafts, made), drafts };
  }
}

function first({ tasks, nodes }: FlowPlan): TaskDelivery[] {
  return tasks
    .slice(0, nodes)
    .map(({ envelope }, task) => ({ task, generation: 1, round: 1, era: 0, envelope }));
}
