/**
 * What one run may do to its call: claim, renew, record, end. Pure, as `call.ts`. A run that is not the newest
 * holder is answered `lost` or `stale` and changes nothing.
 */

import type {
  BuryReply,
  ClaimReply,
  CompleteReply,
  ReleaseReply,
  RenewReply,
  RunRef,
  StepReply,
} from '../store.js';
import {
  type CallRecord,
  type Decision,
  expiry,
  heldBy,
  isReleased,
  isSettled,
  isStale,
  made,
  NO_STEPS,
  nextToken,
} from './record.js';

export function decideClaim(
  record: CallRecord | undefined,
  run: RunRef,
  leaseMs: number,
  nowMs: number,
): Decision<ClaimReply> {
  if (record) {
    if (record.id !== run.id) return { reply: { tag: 'superseded', id: record.id } };
    // The delivery was made again; this one has nothing to do any more.
    if (run.generation < record.generation) return { reply: { tag: 'superseded', id: run.id } };
    if (record.state === 'done') return { reply: { tag: 'done', result: record.result } };
    if (record.state === 'dead') return { reply: { tag: 'dead' } };
    if (record.state === 'cancelled') {
      return { reply: { tag: 'cancelled', reason: record.reason } };
    }
  }
  const isSameDelivery = record !== undefined && run.generation === record.generation;
  if (isSameDelivery && run.start < record.start) return { reply: { tag: 'stale' } };
  const isReplay = isSameDelivery && run.start === record.start;
  const leaseLeftMs = (record?.leaseUntilMs ?? 0) - nowMs;
  if (leaseLeftMs > 0 && !isReplay) return { reply: { tag: 'held', leaseLeftMs } };

  const base = record ?? made(run, nowMs);
  const token = isReplay
    ? base.token
    : nextToken(nowMs, run.token, ...(record ? [record.token] : []));
  const next: CallRecord = {
    ...base,
    state: 'running',
    generation: run.generation,
    start: run.start,
    token,
    leaseUntilMs: nowMs + leaseMs,
    snoozedUntilMs: undefined,
    expiresAtMs: expiry(nowMs, run.ttlMs, record),
  };
  const { undone = 0 } = next;
  return { reply: { tag: 'claimed', token, undone, steps: [...next.steps].flat() }, next };
}

export function decideRenew(
  record: CallRecord | undefined,
  run: RunRef,
  leaseMs: number,
  nowMs: number,
): Decision<RenewReply> {
  if (!record) return { reply: { tag: 'unknown' } };
  if (isStale(record, run) || isSettled(record) || isReleased(record, run)) {
    return { reply: { tag: 'lost' } };
  }
  const renewed = { ...record, ...heldBy(run), leaseUntilMs: nowMs + leaseMs };
  if (record.state === 'cancelled') {
    return { reply: { tag: 'cancelled', reason: record.reason }, next: renewed };
  }
  return {
    reply: { tag: 'kept' },
    next: { ...renewed, state: 'running', expiresAtMs: expiry(nowMs, run.ttlMs, record) },
  };
}

export function decideStep(
  record: CallRecord | undefined,
  run: RunRef,
  step: { readonly name: string; readonly value: string | undefined; readonly leaseMs: number },
  nowMs: number,
): Decision<StepReply> {
  if (record && (isStale(record, run) || isSettled(record))) return { reply: { tag: 'lost' } };
  const base = record ?? made(run, nowMs);
  const recorded: CallRecord = {
    ...base,
    steps: new Map(base.steps).set(step.name, step.value ?? ''),
    expiresAtMs: expiry(nowMs, run.ttlMs, record),
  };
  // What a run has done is remembered also after it has ended; but then it has no lease to extend.
  if (record && isReleased(record, run)) return { reply: { tag: 'recorded' }, next: recorded };
  const next: CallRecord = {
    ...recorded,
    ...heldBy(run),
    // A cancelled run may still record: its effect has happened, and the next call under the key inherits it.
    state: base.state === 'cancelled' ? 'cancelled' : 'running',
    leaseUntilMs: nowMs + step.leaseMs,
  };
  return { reply: { tag: 'recorded' }, next };
}

export function decideRelease(
  record: CallRecord | undefined,
  run: RunRef,
  options: { readonly untilMs?: number; readonly create: boolean },
  nowMs: number,
): Decision<ReleaseReply> {
  if (record && (isStale(record, run) || isSettled(record))) return { reply: { tag: 'lost' } };
  if (record?.state === 'cancelled') {
    return {
      reply: { tag: 'cancelled', reason: record.reason },
      next: { ...record, leaseUntilMs: undefined },
    };
  }
  if (!record && !options.create) return { reply: { tag: 'unknown' } };
  const next: CallRecord = {
    ...(record ?? made(run, nowMs)),
    ...heldBy(run),
    state: options.untilMs === undefined ? 'waiting' : 'snoozed',
    snoozedUntilMs: options.untilMs ?? record?.snoozedUntilMs,
    leaseUntilMs: undefined,
    expiresAtMs: expiry(Math.max(nowMs, options.untilMs ?? 0), run.ttlMs, record),
  };
  return { reply: { tag: 'released' }, next };
}

export function decideComplete(
  record: CallRecord | undefined,
  run: RunRef,
  outcome: { readonly result: string | undefined; readonly keepForMs: number },
  nowMs: number,
): Decision<CompleteReply> {
  if (record) {
    if (isStale(record, run) || record.state === 'dead') return { reply: { tag: 'lost' } };
    if (record.state === 'done') return { reply: { tag: 'completed' } };
    if (record.state === 'cancelled') {
      return {
        reply: { tag: 'cancelled', reason: record.reason },
        next: { ...record, leaseUntilMs: undefined },
      };
    }
  }
  const next: CallRecord = {
    ...made(run, nowMs),
    state: 'done',
    // A record with steps is written anew and forgets its time of admission; nobody asks for it any more.
    enqueuedAtMs: record && record.steps.size === 0 ? record.enqueuedAtMs : undefined,
    finishedAtMs: nowMs,
    result: outcome.result || undefined,
    undone: record?.undone,
    expiresAtMs: nowMs + outcome.keepForMs,
  };
  return { reply: { tag: 'completed' }, next };
}

export function decideBury(
  record: CallRecord | undefined,
  run: RunRef,
  keepMs: number,
  nowMs: number,
): Decision<BuryReply> {
  if (record) {
    if (isStale(record, run) || record.state === 'done') return { reply: { tag: 'lost' } };
    if (record.state === 'dead') return { reply: { tag: 'buried' } };
    if (record.state === 'cancelled') {
      return {
        reply: { tag: 'cancelled', reason: record.reason },
        next: { ...record, leaseUntilMs: undefined },
      };
    }
  }
  const next: CallRecord = {
    ...made(run, nowMs),
    enqueuedAtMs: record?.enqueuedAtMs,
    state: 'dead',
    steps: record?.steps ?? NO_STEPS,
    undone: record?.undone,
    finishedAtMs: nowMs,
    expiresAtMs: nowMs + keepMs,
  };
  return { reply: { tag: 'buried' }, next };
}
