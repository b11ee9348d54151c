import type {
  BeginReply,
  CancelReply,
  FlowPlan,
  RecreateReply,
  RetryReply,
  SettleReply,
  StartReply,
  TaskOutcome,
  TaskRun,
  Wake,
} from '../store.js';
import { advance, giveUpAfter, makeReady } from './advance.js';
import {
  changed,
  type Decision,
  deliveryOf,
  type FlowRecord,
  hasEnded,
  isOpen,
  recordOf,
  succeeded,
  type Task,
  taskAt,
  wakeOf,
} from './record.js';

/** Pure decisions about flows: a record and what is asked in, a reply and the record that stands afterwards out. */

export function decideStart(
  record: FlowRecord | undefined,
  plan: FlowPlan,
  nowMs: number,
): Decision<StartReply> {
  if (!record) return { reply: { tag: 'started' }, next: recordOf(plan, nowMs) };
  if (record.digest !== plan.digest) return { reply: { tag: 'conflict' } };
  const { state, untouched } = record;
  return { reply: { tag: 'known', state, untouched } };
}

export function decideBegin(
  record: FlowRecord | undefined,
  run: TaskRun,
  nowMs: number,
): Decision<BeginReply> {
  if (!record) return { reply: { tag: 'unknown' } };
  const task = taskAt(record, run.task);
  if (task.generation !== run.generation) return { reply: { tag: 'superseded' } };
  switch (task.state) {
    case 'waiting': {
      // BullMQ has started it too early, so it parks itself: from now on somebody must wake it.
      const next = changed(record);
      taskAt(next, run.task).wake = true;
      return { reply: { tag: 'waiting' }, next };
    }
    case 'skipped':
      return { reply: { tag: 'skipped' } };
    case 'done':
    case 'taken':
      return { reply: { tag: 'done', result: task.result, wake: following(record, run.task) } };
    case 'dead':
      return { reply: { tag: 'dead', wake: following(record, run.task) } };
    case 'cancelled': {
      const wake = following(record, run.task);
      return { reply: { tag: 'cancelled', reason: record.reason ?? '', wake } };
    }
    case 'dormant':
    case 'undone':
      return { reply: { tag: 'superseded' } };
    default:
  }
  if (run.start < task.start) return { reply: { tag: 'superseded' } };
  const next = changed(record);
  if (record.reason !== undefined && run.task < record.nodes) {
    const ended = settleTask(next, run, { kind: 'cancelled' }, nowMs);
    const reason = record.reason;
    return { reply: { tag: 'cancelled', reason, wake: wakeOf(next, ended) }, next };
  }
  const again = task.touched;
  const begun = taskAt(next, run.task);
  begun.state = 'begun';
  begun.start = run.start;
  begun.touched = true;
  begun.attempts = run.attempt;
  begun.startedAtMs ??= nowMs;
  begun.missingSinceMs = undefined;
  next.untouched = false;
  return { reply: { tag: 'claimed', again }, next };
}

export function decideSettle(
  record: FlowRecord | undefined,
  run: TaskRun,
  outcome: TaskOutcome,
  nowMs: number,
): Decision<SettleReply> {
  if (!record) return { reply: { tag: 'unknown' } };
  const task = taskAt(record, run.task);
  if (task.generation !== run.generation || run.start < task.start)
    return { reply: { tag: 'lost' } };
  if (!isOpen(task)) {
    const isReplay = run.start === task.start && isSettledAs(task, outcome);
    if (!isReplay) return { reply: { tag: 'lost' } };
    const wake = following(record, run.task);
    return { reply: { tag: 'settled', state: record.state, wake, granted: [] } };
  }
  const next = changed(record);
  const changes = settleTask(next, run, outcome, nowMs);
  const wake = wakeOf(next, changes);
  const granted = grant(next, changes, nowMs);
  return { reply: { tag: 'settled', state: next.state, wake, granted }, next };
}

export function decideCancel(
  record: FlowRecord | undefined,
  reason: string,
  nowMs: number,
): Decision<CancelReply> {
  if (!record) return { reply: { tag: 'unknown' } };
  if (record.state !== 'running') return { reply: { tag: 'settled', state: record.state } };
  const next = changed(record);
  next.reason ??= reason;
  const nodes = [...next.tasks.keys()].slice(0, next.nodes);
  for (const index of nodes) {
    const task = taskAt(next, index);
    if (task.state === 'waiting' || (task.state === 'ready' && !task.touched)) {
      task.state = 'cancelled';
    }
  }
  const begun = nodes.filter((index) => isOpen(taskAt(next, index)));
  const stopped = nodes.filter((index) => taskAt(next, index).state === 'cancelled');
  const ready = advance(next, nowMs);
  const wake = [
    ...wakeOf(next, [...stopped, ...ready]),
    ...begun.map((index) => deliveryOf(next, index)),
  ];
  return { reply: { tag: 'cancelled', wake, begun }, next };
}

export function decideRetry(record: FlowRecord | undefined): Decision<RetryReply> {
  if (!record) return { reply: { tag: 'unknown' } };
  const isReplay = record.state === 'running' && record.untouched;
  if (!isReplay && (!hasEnded(record) || record.state === 'completed')) {
    return { reply: { tag: 'refused', state: record.state } };
  }
  const next = isReplay ? record : again(changed(record));
  const nodes = [...next.tasks.keys()].slice(0, next.nodes);
  const open = nodes.filter((index) => {
    const { state } = taskAt(next, index);
    return state === 'waiting' || state === 'ready';
  });
  const tasks = open.map((index) => deliveryOf(next, index));
  return { reply: { tag: 'retried', tasks }, ...(isReplay ? {} : { next }) };
}

export function decideRecreate(
  record: FlowRecord | undefined,
  lost: Pick<TaskRun, 'task' | 'generation'>,
  patienceMs: number,
  nowMs: number,
): Decision<RecreateReply> {
  if (!record) return { reply: { tag: 'moved' } };
  const task = taskAt(record, lost.task);
  if (!isOpen(task) || task.generation !== lost.generation) return { reply: { tag: 'moved' } };
  const next = changed(record);
  const renewed = taskAt(next, lost.task);
  if (task.state === 'begun') {
    const since = task.missingSinceMs ?? nowMs;
    const leftMs = since + patienceMs - nowMs;
    renewed.missingSinceMs = since;
    if (leftMs > 0) return { reply: { tag: 'held', leftMs }, next };
  }
  renewed.generation += 1;
  renewed.start = 0;
  renewed.touched ||= task.state === 'begun';
  renewed.missingSinceMs = undefined;
  return { reply: { tag: 'recreated', delivery: deliveryOf(next, lost.task) }, next };
}

/** Lets the first start of nodes in that BullMQ is about to start; most are fetched by who ended what they waited for. */
function grant(
  next: FlowRecord,
  changes: readonly number[],
  nowMs: number,
): { readonly task: number; readonly generation: number }[] {
  const granted = changes.filter((index) => {
    const { state, wake } = taskAt(next, index);
    return index < next.nodes && state === 'ready' && !wake;
  });
  return granted
    .sort((a, b) => a - b)
    .map((index) => {
      const task = taskAt(next, index);
      Object.assign(task, { state: 'begun', start: 1, attempts: 1, startedAtMs: nowMs });
      return { task: index, generation: task.generation };
    });
}

function settleTask(
  next: FlowRecord,
  run: TaskRun,
  { kind, value }: TaskOutcome,
  nowMs: number,
): number[] {
  const task = taskAt(next, run.task);
  task.state = kind;
  task.start = run.start;
  task.touched = true;
  task.attempts = run.attempt;
  task.finishedAtMs = nowMs;
  task.missingSinceMs = undefined;
  next.untouched = false;
  if (kind === 'dead') task.error = value;
  else if (kind !== 'cancelled') task.result = value;
  const changes: number[] = [];
  if (run.task < next.nodes) {
    if (kind === 'dead' || kind === 'cancelled') {
      changes.push(...giveUpAfter(next, run.task, kind === 'dead' ? 'skipped' : 'cancelled'));
    } else {
      next.order.push(run.task);
      changes.push(...makeReady(next, run.task));
    }
  } else if (task.undoes !== undefined && kind !== 'dead' && kind !== 'cancelled') {
    taskAt(next, task.undoes).state = 'undone';
  }
  changes.push(...advance(next, nowMs));
  return changes;
}

/** What may not have been woken after a task had ended, should who ended it have died. */
function following(record: FlowRecord, index: number): Wake {
  const after = taskAt(record, index).next.filter((at) => {
    const { state } = taskAt(record, at);
    return state === 'ready' || state === 'skipped' || state === 'cancelled';
  });
  const later = [...record.tasks.keys()].filter(
    (at) => at >= record.nodes && taskAt(record, at).state === 'ready',
  );
  return wakeOf(record, [...after, ...later]);
}

function isSettledAs({ state }: Task, { kind }: TaskOutcome): boolean {
  return state === kind || (state === 'undone' && kind === 'done');
}

/** Everything that did not succeed, and what was undone, begins again. */
function again(next: FlowRecord): FlowRecord {
  next.state = 'running';
  next.untouched = true;
  next.reason = undefined;
  next.finishedAtMs = undefined;
  next.expiresAtMs = undefined;
  next.order = next.order.filter((index) => taskAt(next, index).state !== 'undone');
  for (const [index, task] of next.tasks.entries()) {
    const isNode = index < next.nodes;
    if (isNode ? succeeded(task) : task.undoes === undefined || task.state === 'dormant') continue;
    // What was begun and did not succeed gets a call of its own: the old one is dead, cancelled or done.
    if (task.touched) task.round += 1;
    if (task.state === 'undone' || succeeded(task)) task.era += 1;
    Object.assign(task, {
      state: isNode ? 'waiting' : 'dormant',
      // Their trees are others than the whole flow's.
      wake: true,
      generation: task.generation + 1,
      start: 0,
      touched: false,
      attempts: 0,
      startedAtMs: undefined,
      finishedAtMs: undefined,
      result: undefined,
      error: undefined,
      missingSinceMs: undefined,
    });
  }
  for (const task of next.tasks.slice(0, next.nodes)) {
    const isReady =
      task.state === 'waiting' && task.after.every((before) => succeeded(taskAt(next, before)));
    if (isReady) task.state = 'ready';
  }
  return next;
}
