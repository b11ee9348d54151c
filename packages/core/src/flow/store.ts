/**
 * The store of flows: one idempotent transition an operation, one record a flow.
 *
 * A flow's tasks are numbered: its nodes first, in the order of their declaration, then the undo calls, then the
 * callbacks. Each operation can be repeated: it changes nothing and answers the same, or that things have gone on.
 */

/** State of a flow. */
export type FlowState =
  | 'running'
  | 'compensating'
  | 'completed'
  | 'failed'
  | 'compensated'
  | 'cancelled';

/**
 * State of a task. `dormant`: an undo or a callback that nobody needs yet; `begun`: a run has begun, and it may be between
 * two attempts; `taken`: succeeded with the result of another call of its key.
 */
export type TaskState =
  | 'dormant'
  | 'waiting'
  | 'ready'
  | 'begun'
  | 'done'
  | 'taken'
  | 'dead'
  | 'skipped'
  | 'cancelled'
  | 'undone';

/** What never changes of a task. */
export interface TaskPlan {
  /** Tasks that must have succeeded before, ascending. */
  readonly after: readonly number[];
  /** Tasks that wait for it, ascending. */
  readonly next: readonly number[];
  /** The task that undoes it. */
  readonly undo?: number | undefined;
  /** The node that it undoes. */
  readonly undoes?: number | undefined;
  /** BullMQ does not start it by itself when it is ready. */
  readonly wake: boolean;
  /** JSON from which its delivery can be made. */
  readonly envelope: string;
}

/** What a flow is started with. */
export interface FlowPlan {
  readonly id: string;
  readonly name: string;
  /** Digest of the graph and its inputs. */
  readonly digest: string;
  readonly nodes: number;
  readonly tasks: readonly TaskPlan[];
  readonly callbacks: Callbacks;
  /** JSON of what people want to know of the tasks. */
  readonly labels: string;
  /** How long the record answers after the end, ms. */
  readonly keepMs: number;
}

/** The tasks that are called when the flow has ended: always, when it completed, when it did not. */
export interface Callbacks {
  readonly complete?: number | undefined;
  readonly success?: number | undefined;
  readonly failure?: number | undefined;
}

/** A delivery of a task as it presents itself. */
export interface TaskRun {
  readonly flow: string;
  readonly task: number;
  readonly generation: number;
  /** BullMQ's `attemptsStarted` of the delivery. */
  readonly start: number;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
}

/** What a delivery of a task is made from. */
export interface TaskDelivery {
  readonly task: number;
  readonly generation: number;
  /** How often the task got a call of its own, from 1. */
  readonly round: number;
  /** How often its effect was undone. */
  readonly era: number;
  readonly envelope: string;
}

/** Tasks that BullMQ will not start by itself, and that must be woken now; waking one again changes nothing. */
export type Wake = readonly TaskDelivery[];

export type StartReply =
  | { readonly tag: 'started' }
  /** `untouched`: nothing of it has begun, and its producer may have died before the insertion. */
  | { readonly tag: 'known'; readonly state: FlowState; readonly untouched: boolean }
  | { readonly tag: 'conflict' };

export type BeginReply =
  /** `again`: a run of this task has begun before, and may have left something behind. */
  | { readonly tag: 'claimed'; readonly again: boolean }
  | { readonly tag: 'waiting' }
  | { readonly tag: 'done'; readonly result?: string | undefined; readonly wake: Wake }
  | { readonly tag: 'dead'; readonly wake: Wake }
  | { readonly tag: 'skipped' }
  | { readonly tag: 'cancelled'; readonly reason: string; readonly wake: Wake }
  | { readonly tag: 'superseded' }
  | { readonly tag: 'unknown' };

/** How a task ended. */
export interface TaskOutcome {
  readonly kind: 'done' | 'taken' | 'dead' | 'cancelled';
  /** JSON of its result or its error; absent for undefined. */
  readonly value?: string | undefined;
}

export type SettleReply =
  | {
      readonly tag: 'settled';
      readonly state: FlowState;
      readonly wake: Wake;
      /** Nodes whose first start has been let in by this: whoever settled need not ask for them again. */
      readonly granted: readonly { readonly task: number; readonly generation: number }[];
    }
  | { readonly tag: 'lost' }
  | { readonly tag: 'unknown' };

export type CancelReply =
  /** `begun`: tasks whose runs must be told. */
  | { readonly tag: 'cancelled'; readonly wake: Wake; readonly begun: readonly number[] }
  | { readonly tag: 'settled'; readonly state: FlowState }
  | { readonly tag: 'unknown' };

export type RetryReply =
  | { readonly tag: 'retried'; readonly tasks: readonly TaskDelivery[] }
  | { readonly tag: 'refused'; readonly state: FlowState }
  | { readonly tag: 'unknown' };

export type RecreateReply =
  | { readonly tag: 'recreated'; readonly delivery: TaskDelivery }
  /** A run may be at work: ask again after `leftMs`. */
  | { readonly tag: 'held'; readonly leftMs: number }
  | { readonly tag: 'moved' };

export type RecallReply =
  | { readonly tag: 'found'; readonly state: TaskState; readonly result?: string | undefined }
  | { readonly tag: 'unknown' };

/** Where a task stands. */
export interface TaskView {
  readonly state: TaskState;
  readonly generation: number;
  readonly start: number;
  readonly round: number;
  readonly era: number;
  readonly attempts: number;
  readonly startedAtMs?: number | undefined;
  readonly finishedAtMs?: number | undefined;
  readonly result?: string | undefined;
  readonly error?: string | undefined;
}

/** Where a flow stands. */
export interface FlowView {
  readonly name: string;
  readonly state: FlowState;
  readonly nodes: number;
  readonly labels: string;
  readonly untouched: boolean;
  readonly reason?: string | undefined;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number | undefined;
  readonly tasks: readonly TaskView[];
}

/** Operations on flows. Implementations: `stores/memory.ts` (the specification) and `stores/redis.ts`. */
export interface FlowStore {
  /** Makes the record of a flow, or answers that there is one. */
  start(plan: FlowPlan): Promise<StartReply>;
  /** Asks whether a delivery may run its task; the newest start is the only one that may settle it. */
  begin(run: TaskRun): Promise<BeginReply>;
  /** Records how a task ended, and what follows from it for the flow. */
  settle(run: TaskRun, outcome: TaskOutcome): Promise<SettleReply>;
  /** Cancels what has not begun; what has is to be told, and what succeeded is undone. */
  cancel(id: string, reason: string): Promise<CancelReply>;
  /** Makes what did not succeed, or was undone, ready to run again. */
  retry(id: string): Promise<RetryReply>;
  /** Raises the generation of an open task whose delivery is lost; one that has begun is given `patienceMs` first. */
  recreate(
    lost: Pick<TaskRun, 'flow' | 'task' | 'generation'>,
    patienceMs: number,
  ): Promise<RecreateReply>;
  /** The result of a task. */
  recall(id: string, task: number): Promise<RecallReply>;
  /** What the deliveries of tasks are made from. */
  deliveries(id: string, tasks: readonly number[]): Promise<Wake>;
  /** Everything but the deliveries; when `brief`, without results and errors, too. */
  inspect(id: string, brief?: boolean): Promise<FlowView | undefined>;
  /** Flows with something left to do that were started at or before `beforeMs`, in parts and in no order. */
  survey(beforeMs: number): AsyncIterable<readonly string[]>;
}
