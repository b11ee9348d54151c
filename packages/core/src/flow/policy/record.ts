import type {
  Callbacks,
  FlowPlan,
  FlowState,
  TaskDelivery,
  TaskPlan,
  TaskState,
  Wake,
} from '../store.js';

/** What is kept of a task. */
export interface Task extends Omit<TaskPlan, 'wake'> {
  wake: boolean;
  state: TaskState;
  generation: number;
  start: number;
  /** A run of it has begun in this round. */
  touched: boolean;
  round: number;
  era: number;
  attempts: number;
  startedAtMs?: number | undefined;
  finishedAtMs?: number | undefined;
  result?: string | undefined;
  error?: string | undefined;
  /** When its delivery was first found missing while it had begun, epoch ms. */
  missingSinceMs?: number | undefined;
}

/** What is kept of a flow. */
export interface FlowRecord {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly nodes: number;
  readonly callbacks: Callbacks;
  readonly labels: string;
  readonly keepMs: number;
  readonly startedAtMs: number;
  state: FlowState;
  /** Nothing of it has begun since it was started or retried. */
  untouched: boolean;
  reason?: string | undefined;
  finishedAtMs?: number | undefined;
  /** When it is forgotten, epoch ms; absent: there is something left to do. */
  expiresAtMs?: number | undefined;
  /** Nodes that succeeded, oldest first. */
  order: number[];
  tasks: Task[];
}

/** A reply, and the record that stands afterwards when it changed. */
export interface Decision<Reply> {
  readonly reply: Reply;
  readonly next?: FlowRecord;
}

/** The record of a flow that begins. */
export function recordOf(plan: FlowPlan, nowMs: number): FlowRecord {
  const { tasks, ...rest } = plan;
  return {
    ...rest,
    startedAtMs: nowMs,
    state: 'running',
    untouched: true,
    order: [],
    tasks: tasks.map((task, index) => ({
      ...task,
      state: index >= plan.nodes ? 'dormant' : task.after.length === 0 ? 'ready' : 'waiting',
      generation: 1,
      start: 0,
      touched: false,
      round: 1,
      era: 0,
      attempts: 0,
    })),
  };
}

/** A copy to be changed. */
export function changed(record: FlowRecord): FlowRecord {
  return { ...record, order: [...record.order], tasks: record.tasks.map((task) => ({ ...task })) };
}

/** The task of that number; one that is not there is a mistake of ours. */
export function taskAt(record: FlowRecord, index: number): Task {
  const task = record.tasks[index];
  if (!task) throw new RangeError(`The flow '${record.id}' has no task ${index}`);
  return task;
}

/** What a task's delivery is made from. */
export function deliveryOf(record: FlowRecord, index: number): TaskDelivery {
  const { generation, round, era, envelope } = taskAt(record, index);
  return { task: index, generation, round, era, envelope };
}

/** Of these tasks the ones that BullMQ does not start by itself. */
export function wakeOf(record: FlowRecord, tasks: readonly number[]): Wake {
  return tasks
    .filter((index) => taskAt(record, index).wake)
    .sort((a, b) => a - b)
    .map((index) => deliveryOf(record, index));
}

/** True when a task succeeded. */
export const succeeded = ({ state }: Task): boolean => state === 'done' || state === 'taken';

/** True when a task may run or runs. */
export const isOpen = ({ state }: Task): boolean => state === 'ready' || state === 'begun';

/** True when a flow has ended. */
export const hasEnded = ({ state }: FlowRecord): boolean =>
  state !== 'running' && state !== 'compensating';
