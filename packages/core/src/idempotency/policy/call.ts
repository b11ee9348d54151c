/**
 * What happens to a whole call: admission, cancelling, revival. Pure: a record and a request in, a reply and the
 * next record out. The Lua scripts say the same; one property test holds the two together.
 */

import type {
  AdmitReply,
  AdmitRequest,
  CancelReply,
  CancelRequest,
  Move,
  RedeliverReply,
  ReviveReply,
  ReviveRequest,
  UndoReply,
} from '../store.js';
import { type CallRecord, type Decision, isSettled, NO_STEPS, nextToken } from './record.js';

export function decideAdmit(
  record: CallRecord | undefined,
  request: AdmitRequest,
  nowMs: number,
): Decision<AdmitReply> {
  const fresh: CallRecord = {
    id: request.id,
    state: 'waiting',
    digest: request.digest,
    queue: request.queue,
    envelope: request.envelope || undefined,
    generation: 1,
    start: 0,
    token: nextToken(nowMs),
    enqueuedAtMs: nowMs,
    steps: NO_STEPS,
  };
  if (!record) {
    const { token } = fresh;
    return { reply: { tag: 'admitted', token, generation: 1, undone: 0 }, next: fresh };
  }
  const { id, state, queue, token, generation, envelope } = record;
  const isFree = (state === 'dead' || state === 'cancelled') && id !== request.id;
  const isSameInput = record.digest === request.digest;
  if (!isSameInput && !isFree) {
    return { reply: { tag: 'conflict', id } };
  }
  if (!isFree) {
    return { reply: { tag: 'known', id, state, queue, token, generation, envelope } };
  }
  const next: CallRecord = {
    ...fresh,
    token: nextToken(nowMs, token),
    generation: generation + 1,
    steps: isSameInput ? record.steps : NO_STEPS,
    leaseUntilMs: record.leaseUntilMs,
    undone: record.undone,
  };
  const { undone = 0 } = record;
  return {
    reply: { tag: 'admitted', token: next.token, generation: next.generation, undone },
    next,
  };
}

/** The word that stands for the reason of a call whose effect was undone. */
const UNDONE = 'undone';

export function decideUndo(
  record: CallRecord | undefined,
  id: string,
  keepMs: number,
  nowMs: number,
): Decision<UndoReply> {
  if (record?.id !== id) return { reply: { tag: 'moved' } };
  const { state, reason, undone = 0 } = record;
  if (state === 'cancelled' && reason === UNDONE)
    return { reply: { tag: 'undone', times: undone } };
  if (state !== 'done') return { reply: { tag: 'moved' } };
  const next: CallRecord = {
    ...record,
    state: 'cancelled',
    reason: UNDONE,
    result: undefined,
    undone: undone + 1,
    finishedAtMs: nowMs,
    expiresAtMs: nowMs + keepMs,
  };
  return { reply: { tag: 'undone', times: undone + 1 }, next };
}

export function decideCancel(
  record: CallRecord | undefined,
  request: CancelRequest,
  nowMs: number,
): Decision<CancelReply> {
  if (record && record.id !== request.id) return { reply: { tag: 'superseded', id: record.id } };
  if (record && isSettled(record)) return { reply: { tag: 'settled', state: record.state } };
  if (!record && !request.create) return { reply: { tag: 'unknown' } };
  const base: CallRecord = record ?? {
    id: request.id,
    state: 'waiting',
    digest: '',
    queue: request.queue,
    generation: 1,
    start: 0,
    token: 0,
    enqueuedAtMs: nowMs,
    steps: NO_STEPS,
  };
  const wasCancelled = base.state === 'cancelled';
  let leaseUntilMs = base.leaseUntilMs;
  if (request.idle) leaseUntilMs = undefined;
  else if (!wasCancelled) leaseUntilMs = Math.max(leaseUntilMs ?? 0, nowMs + request.leaseMs);
  const cancelled: CallRecord = wasCancelled
    ? base
    : {
        ...base,
        state: 'cancelled',
        reason: request.reason || undefined,
        envelope: undefined,
        snoozedUntilMs: undefined,
        finishedAtMs: nowMs,
        expiresAtMs: nowMs + request.keepMs,
      };
  return {
    reply: { tag: 'cancelled', queue: base.queue, generation: base.generation },
    next: { ...cancelled, leaseUntilMs },
  };
}

/** Raises the generation of an open call whose delivery is lost. */
export function decideRedeliver(
  record: CallRecord | undefined,
  {
    id,
    generation,
    move,
  }: {
    readonly id: string;
    readonly generation: number;
    readonly move?: Move | undefined;
  },
  nowMs: number,
): Decision<RedeliverReply> {
  const isOpen = record !== undefined && !isSettled(record) && record.state !== 'cancelled';
  if (!isOpen || record.id !== id || record.generation !== generation || !record.envelope) {
    return { reply: { tag: 'moved' } };
  }
  const leaseLeftMs = (record.leaseUntilMs ?? 0) - nowMs;
  if (leaseLeftMs > 0) return { reply: { tag: 'held', leaseLeftMs } };
  const next: CallRecord = {
    ...record,
    ...move,
    state: 'waiting',
    generation: generation + 1,
    start: 0,
    token: nextToken(nowMs, record.token),
    leaseUntilMs: undefined,
    snoozedUntilMs: undefined,
  };
  const { token, envelope } = { ...next, envelope: move?.envelope ?? record.envelope };
  return {
    reply: { tag: 'redelivered', token, generation: next.generation, envelope },
    next,
  };
}

export function decideRevive(
  record: CallRecord | undefined,
  request: ReviveRequest,
  hasStory: boolean,
  nowMs: number,
): Decision<ReviveReply> {
  if (record && record.id !== request.id) {
    return { reply: { tag: 'superseded', id: record.id || undefined } };
  }
  if (record?.state === 'waiting' && record.start === 0 && record.generation > 1) {
    // Already, and not started since: whoever asks again may enqueue it again.
    return { reply: { tag: 'revived', token: record.token, generation: record.generation } };
  }
  const isDead = record === undefined || record.state === 'dead';
  if (!isDead || !hasStory) return { reply: { tag: 'unknown', state: record?.state } };
  // Record and story end together: another call has had the key's record since.
  if (!record && request.address.kind === 'key') return { reply: { tag: 'superseded' } };
  const token = nextToken(nowMs, ...(record ? [record.token] : []));
  const generation = record ? record.generation + 1 : 2;
  const next: CallRecord = {
    id: request.id,
    state: 'waiting',
    digest: request.digest,
    queue: request.queue,
    envelope: request.envelope || undefined,
    generation,
    start: 0,
    token,
    enqueuedAtMs: nowMs,
    steps: record?.steps ?? NO_STEPS,
    ...(request.ttlMs > 0 ? { expiresAtMs: nowMs + request.ttlMs } : {}),
  };
  return { reply: { tag: 'revived', token, generation }, next };
}
