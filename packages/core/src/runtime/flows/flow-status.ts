import type { SerializedError } from '@bulletproof/kernel';
import type { FlowState, FlowView, TaskLabel, TaskView } from '../../flow/internal.js';

/** Where a node of a flow stands. `waiting`: for other nodes, or for a worker. */
export type FlowNodeState =
  | 'waiting'
  | 'running'
  | 'completed'
  | 'dead'
  | 'skipped'
  | 'cancelled'
  | 'undone';

/** What `status()` says of a node; times are epoch milliseconds. */
export interface FlowNodeStatus<R = unknown> {
  readonly state: FlowNodeState;
  readonly attempts: number;
  readonly result?: R;
  readonly error?: SerializedError;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Of a node with an undo call that was needed: where that stands. */
  readonly undo?: FlowNodeStatus;
}

/** What `status()` of a flow says; times are epoch milliseconds. */
export interface FlowStatus<Results = Record<string, unknown>> {
  readonly id: string;
  readonly name: string;
  readonly state: FlowState;
  readonly nodes: { readonly [K in keyof Results]: FlowNodeStatus<Results[K]> };
  /** Why it was cancelled. */
  readonly reason?: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
}

const STATES: Record<TaskView['state'], FlowNodeState> = {
  dormant: 'waiting',
  waiting: 'waiting',
  ready: 'waiting',
  begun: 'running',
  done: 'completed',
  taken: 'completed',
  dead: 'dead',
  skipped: 'skipped',
  cancelled: 'cancelled',
  undone: 'undone',
};

/** True when nothing more will happen to a flow but its callbacks. */
export function hasEnded(state: FlowState): boolean {
  return state !== 'running' && state !== 'compensating';
}

/** The status that a record stands for. */
export function statusOfFlow(id: string, view: FlowView): FlowStatus {
  const labels = JSON.parse(view.labels) as readonly TaskLabel[];
  const undos = new Map<string, FlowNodeStatus>();
  for (const [at, { role, name }] of labels.entries()) {
    const task = view.tasks[at];
    if (role === 'undo' && task && task.state !== 'dormant') undos.set(name, nodeStatus(task));
  }
  const nodes: Record<string, FlowNodeStatus> = {};
  for (const [at, { name }] of labels.slice(0, view.nodes).entries()) {
    const task = view.tasks[at];
    const undo = undos.get(name);
    if (!task) continue;
    const status = { ...nodeStatus(task), ...(undo === undefined ? {} : { undo }) };
    // Not by assignment: a node may be named __proto__.
    Object.defineProperty(nodes, name, { value: status, enumerable: true });
  }
  return {
    id,
    name: view.name,
    state: view.state,
    nodes,
    ...defined('reason', view.reason),
    startedAt: view.startedAtMs,
    ...defined('finishedAt', view.finishedAtMs),
  };
}

function nodeStatus(task: TaskView): FlowNodeStatus {
  const { result, error } = task;
  return {
    state: STATES[task.state],
    attempts: task.attempts,
    ...(result === undefined ? {} : { result: JSON.parse(result) as unknown }),
    ...(error === undefined ? {} : { error: JSON.parse(error) as SerializedError }),
    ...defined('startedAt', task.startedAtMs),
    ...defined('finishedAt', task.finishedAtMs),
  };
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
