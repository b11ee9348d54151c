import { digest } from '@bulletproof/kernel';
import type { Call } from '../job/call.js';
import { dependentsOf, type Graph } from './graph/graph.js';
import { span } from './graph/tree.js';
import type { Callbacks, FlowPlan, TaskPlan } from './store.js';

/** What a task is there for. */
export type TaskRole = 'node' | 'undo' | 'onComplete' | 'onSuccess' | 'onFailure';

/** A task before its call has been checked by the app. */
export interface TaskDraft extends Omit<TaskPlan, 'envelope'> {
  readonly role: TaskRole;
  /** The node's name; of an undo, that of its node; of a callback, what it is called when. */
  readonly name: string;
  readonly call: Call;
}

/** Calls of a flow that has ended. */
export interface CallbackCalls {
  readonly onComplete?: Call | undefined;
  readonly onSuccess?: Call | undefined;
  readonly onFailure?: Call | undefined;
}

/** What people want to know of a task. */
export interface TaskLabel {
  readonly role: TaskRole;
  readonly name: string;
  readonly job: string;
  readonly queue: string;
  /** Of a node: the nodes it depends on. */
  readonly after?: readonly number[];
}

/** The tasks of a flow: its nodes, then its undo calls, then its callbacks. */
export function draftsOf(graph: Graph, calls: CallbackCalls): TaskDraft[] {
  const { extra } = span(graph);
  const dependents = dependentsOf(graph);
  const undoable = [...graph.entries()].filter(([, { undo }]) => undo !== undefined);
  const undoOf = new Map(undoable.map(([node], at) => [node, graph.length + at]));
  const nodes = graph.map(
    ({ name, call, after }, at): TaskDraft => ({
      role: 'node',
      name,
      call,
      after,
      next: dependents[at] ?? [],
      undo: undoOf.get(at),
      wake: extra[at] ?? false,
    }),
  );
  const alone = { after: [], next: [], wake: true };
  const undos = undoable.map(
    ([node, { name, undo }]): TaskDraft => ({
      ...alone,
      role: 'undo',
      name,
      call: undo as Call,
      undoes: node,
    }),
  );
  const callbacks = (['onComplete', 'onSuccess', 'onFailure'] as const).flatMap(
    (role): TaskDraft[] => {
      const call = calls[role];
      return call ? [{ ...alone, role, name: role, call }] : [];
    },
  );
  return [...nodes, ...undos, ...callbacks];
}

/** Which tasks are callbacks. */
export function callbacksOf(drafts: readonly Pick<TaskDraft, 'role'>[]): Callbacks {
  const find = (role: TaskRole): number | undefined => {
    const at = drafts.findIndex((draft) => draft.role === role);
    return at < 0 ? undefined : at;
  };
  return { complete: find('onComplete'), success: find('onSuccess'), failure: find('onFailure') };
}

/** What two flows of one id must agree on: the graph, its calls and undo calls. */
export function graphDigest(name: string, graph: Graph): string {
  const plain = ({ job, input = null, options = {} }: Call) => [job, input, { ...options }];
  return digest([
    name,
    graph.map((node) => [
      node.name,
      plain(node.call),
      [...node.after],
      node.undo ? plain(node.undo) : null,
    ]),
  ]);
}

/** A plan out of drafts whose envelopes have been made. */
export function planOf(
  flow: Pick<FlowPlan, 'id' | 'name' | 'digest' | 'keepMs'>,
  drafts: readonly TaskDraft[],
  made: readonly { readonly envelope: string; readonly queue: string }[],
): FlowPlan {
  const labels = drafts.map(
    ({ role, name, call, after }, at): TaskLabel => ({
      role,
      name,
      job: call.job,
      queue: made[at]?.queue ?? '',
      ...(after.length === 0 ? {} : { after }),
    }),
  );
  return {
    ...flow,
    nodes: drafts.filter(({ role }) => role === 'node').length,
    tasks: drafts.map(({ after, next, undo, undoes, wake }, at) => {
      return { after, next, undo, undoes, wake, envelope: made[at]?.envelope ?? '' };
    }),
    callbacks: callbacksOf(drafts),
    labels: JSON.stringify(labels),
  };
}
