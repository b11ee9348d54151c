import {
  decideBegin,
  decideCancel,
  decideRecreate,
  decideRetry,
  decideSettle,
  decideStart,
} from '../policy/decide.js';
import { type Decision, deliveryOf, type FlowRecord, taskAt } from '../policy/record.js';
import type {
  BeginReply,
  CancelReply,
  FlowPlan,
  FlowStore,
  FlowView,
  RecallReply,
  RecreateReply,
  RetryReply,
  SettleReply,
  StartReply,
  TaskOutcome,
  TaskRun,
  Wake,
} from '../store.js';

/** The store of flows as an executable specification: one process, one thread, the given clock (epoch ms). */
export class MemoryFlowStore implements FlowStore {
  readonly #now: () => number;
  readonly #records = new Map<string, FlowRecord>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async start(plan: FlowPlan): Promise<StartReply> {
    return this.#apply(plan.id, (record, now) => decideStart(record, plan, now));
  }

  async begin(run: TaskRun): Promise<BeginReply> {
    return this.#apply(run.flow, (record, now) => decideBegin(record, run, now));
  }

  async settle(run: TaskRun, outcome: TaskOutcome): Promise<SettleReply> {
    return this.#apply(run.flow, (record, now) => decideSettle(record, run, outcome, now));
  }

  async cancel(id: string, reason: string): Promise<CancelReply> {
    return this.#apply(id, (record, now) => decideCancel(record, reason, now));
  }

  async retry(id: string): Promise<RetryReply> {
    return this.#apply(id, (record) => decideRetry(record));
  }

  async recreate(
    lost: Pick<TaskRun, 'flow' | 'task' | 'generation'>,
    patienceMs: number,
  ): Promise<RecreateReply> {
    return this.#apply(lost.flow, (record, now) => decideRecreate(record, lost, patienceMs, now));
  }

  async recall(id: string, task: number): Promise<RecallReply> {
    const record = this.#find(id);
    if (!record) return { tag: 'unknown' };
    const { state, result } = taskAt(record, task);
    return { tag: 'found', state, result };
  }

  async deliveries(id: string, tasks: readonly number[]): Promise<Wake> {
    const record = this.#find(id);
    return record ? tasks.map((task) => deliveryOf(record, task)) : [];
  }

  async inspect(id: string, brief = false): Promise<FlowView | undefined> {
    const record = this.#find(id);
    if (!record) return undefined;
    const { name, state, nodes, labels, untouched, reason, startedAtMs, finishedAtMs } = record;
    const tasks = record.tasks.map((task) => ({
      state: task.state,
      generation: task.generation,
      start: task.start,
      round: task.round,
      era: task.era,
      attempts: task.attempts,
      startedAtMs: task.startedAtMs,
      finishedAtMs: task.finishedAtMs,
      result: brief ? undefined : task.result,
      error: brief ? undefined : task.error,
    }));
    return { name, state, nodes, labels, untouched, reason, startedAtMs, finishedAtMs, tasks };
  }

  async *survey(beforeMs: number): AsyncIterable<readonly string[]> {
    const open = [...this.#records.values()].filter(
      ({ expiresAtMs, startedAtMs }) => expiresAtMs === undefined && startedAtMs <= beforeMs,
    );
    if (open.length > 0) yield open.map(({ id }) => id);
  }

  #find(id: string): FlowRecord | undefined {
    const record = this.#records.get(id);
    if (record?.expiresAtMs === undefined || record.expiresAtMs > this.#now()) return record;
    this.#records.delete(id);
    return undefined;
  }

  #apply<Reply>(
    id: string,
    decide: (record: FlowRecord | undefined, nowMs: number) => Decision<Reply>,
  ): Reply {
    const { reply, next } = decide(this.#find(id), this.#now());
    if (next) this.#records.set(id, next);
    return reply;
  }
}
