import { type FlowRecord, isOpen, succeeded, type Task, taskAt } from './record.js';

/**
 * What follows for a flow from what has just happened to a task. These change the record they get, which is a copy, and
 * answer the tasks that became ready, skipped or cancelled by it.
 */

/** A node succeeded: who waited for it alone is ready. */
export function makeReady(record: FlowRecord, index: number): number[] {
  return taskAt(record, index).next.filter((at) => {
    const task = taskAt(record, at);
    const isReady =
      task.state === 'waiting' && task.after.every((before) => succeeded(taskAt(record, before)));
    if (isReady) task.state = 'ready';
    return isReady;
  });
}

/** A node did not succeed: who needs it, at whatever distance, will not run. */
export function giveUpAfter(
  record: FlowRecord,
  index: number,
  state: 'skipped' | 'cancelled',
): number[] {
  const given: number[] = [];
  const open = [...taskAt(record, index).next];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const task = taskAt(record, at);
    if (task.state !== 'waiting') continue;
    task.state = state;
    given.push(at);
    open.push(...task.next);
  }
  return given;
}

/** Goes on to the undo calls and the end when nothing else is left; answers the task that this makes ready. */
export function advance(record: FlowRecord, nowMs: number): number[] {
  const ready: number[] = [];
  if (record.state === 'running' && nodesOf(record).every(isSettled)) {
    if (nodesOf(record).every(succeeded)) ready.push(...end(record, 'completed', nowMs));
    else record.state = 'compensating';
  }
  if (record.state === 'compensating') ready.push(...compensate(record, nowMs));
  if (record.finishedAtMs !== undefined && !record.tasks.some(isOpen)) {
    record.expiresAtMs = nowMs + record.keepMs;
  }
  return ready;
}

/** One undo at a time, the newest node's first. */
function compensate(record: FlowRecord, nowMs: number): number[] {
  const undos = record.tasks.filter(({ undoes }) => undoes !== undefined);
  if (undos.some(isOpen)) return [];
  for (const index of record.order.toReversed()) {
    const { state, undo } = taskAt(record, index);
    if (state !== 'done' || undo === undefined) continue;
    const task = taskAt(record, undo);
    if (task.state !== 'dormant') continue;
    task.state = 'ready';
    return [undo];
  }
  if (record.reason !== undefined) return end(record, 'cancelled', nowMs);
  const isUndone = undos.some(succeeded);
  const hasFailed = undos.some(({ state }) => state === 'dead');
  return end(record, isUndone && !hasFailed ? 'compensated' : 'failed', nowMs);
}

function end(record: FlowRecord, state: FlowRecord['state'], nowMs: number): number[] {
  record.state = state;
  record.finishedAtMs = nowMs;
  const { complete, success, failure } = record.callbacks;
  const wanted = [complete, state === 'completed' ? success : failure];
  return wanted.filter((index): index is number => {
    if (index === undefined || taskAt(record, index).state !== 'dormant') return false;
    taskAt(record, index).state = 'ready';
    return true;
  });
}

function nodesOf(record: FlowRecord): readonly Task[] {
  return record.tasks.slice(0, record.nodes);
}

function isSettled({ state }: Task): boolean {
  return state !== 'waiting' && state !== 'ready' && state !== 'begun';
}
