import { formatAddress, parseAddress } from '../address.js';
import {
  decideAdmit,
  decideCancel,
  decideRedeliver,
  decideRevive,
  decideUndo,
} from '../policy/call.js';
import { type CallRecord, type Decision, NO_STEPS } from '../policy/record.js';
import {
  decideBury,
  decideClaim,
  decideComplete,
  decideRelease,
  decideRenew,
  decideStep,
} from '../policy/run.js';
import type {
  AdmitReply,
  AdmitRequest,
  BuryReply,
  CancelReply,
  CancelRequest,
  ClaimReply,
  CompleteReply,
  DeadEntry,
  InspectReply,
  Move,
  OpenRecord,
  RecordAddress,
  RecordStore,
  RedeliverReply,
  ReleaseReply,
  RenewReply,
  ReviveReply,
  ReviveRequest,
  RunRef,
  StepReply,
  UndoReply,
} from '../store.js';

interface Story {
  readonly text: string;
  readonly diedAtMs: number;
  readonly expiresAtMs: number;
}

/** What stands where an id means another call: a record of nobody's. */
const POINTED: CallRecord = {
  id: '',
  state: 'done',
  digest: '',
  queue: '',
  generation: 0,
  start: 0,
  token: 0,
  enqueuedAtMs: undefined,
  steps: NO_STEPS,
};

/** The record store as an executable specification: one process, one thread, the given clock (epoch ms). */
export class MemoryRecordStore implements RecordStore {
  readonly #now: () => number;
  readonly #records = new Map<string, CallRecord>();
  readonly #pointers = new Map<string, { target: string; expiresAtMs: number }>();
  readonly #gone = new Map<string, { reason: string; expiresAtMs: number }>();
  readonly #stories = new Map<string, Story>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async admit(request: AdmitRequest): Promise<AdmitReply> {
    if (this.#pointer(request.address)) return { tag: 'conflict', id: request.id };
    return this.#apply(request.address, (record, now) => decideAdmit(record, request, now));
  }

  async claim(run: RunRef, leaseMs: number): Promise<ClaimReply> {
    return this.#apply(run.address, (record, now) => decideClaim(record, run, leaseMs, now));
  }

  async renew(run: RunRef, leaseMs: number): Promise<RenewReply> {
    return this.#apply(run.address, (record, now) => decideRenew(record, run, leaseMs, now));
  }

  async step(
    run: RunRef,
    name: string,
    value: string | undefined,
    leaseMs: number,
  ): Promise<StepReply> {
    return this.#apply(run.address, (record, now) =>
      decideStep(record, run, { name, value, leaseMs }, now),
    );
  }

  async release(
    run: RunRef,
    options: { readonly untilMs?: number; readonly create: boolean },
  ): Promise<ReleaseReply> {
    return this.#apply(run.address, (record, now) => decideRelease(record, run, options, now));
  }

  async complete(
    run: RunRef,
    result: string | undefined,
    keepForMs: number,
  ): Promise<CompleteReply> {
    return this.#apply(run.address, (record, now) =>
      decideComplete(record, run, { result, keepForMs }, now),
    );
  }

  async bury(run: RunRef, story: string, keepMs: number): Promise<BuryReply> {
    return this.#apply(run.address, (record, now) => {
      const decision = decideBury(record, run, keepMs, now);
      if (decision.reply.tag === 'buried' && decision.next) {
        const entry = { text: story, diedAtMs: now, expiresAtMs: now + keepMs };
        this.#stories.set(run.id, entry);
      }
      return decision;
    });
  }

  async undo(address: RecordAddress, id: string, keepMs: number): Promise<UndoReply> {
    return this.#apply(address, (record, now) => decideUndo(record, id, keepMs, now));
  }

  async cancel(request: CancelRequest): Promise<CancelReply> {
    const { address, id, reason, keepMs } = request;
    return this.#apply(address, (record, now) => {
      const decision = decideCancel(record, request, now);
      const isNew = decision.next?.state === 'cancelled' && record?.state !== 'cancelled';
      if (isNew && address.kind === 'key')
        this.#gone.set(id, { reason, expiresAtMs: now + keepMs });
      return decision;
    });
  }

  async revive(request: ReviveRequest): Promise<ReviveReply> {
    const hasStory = this.#story(request.id) !== undefined;
    return this.#apply(request.address, (record, now) => {
      const decision = decideRevive(record, request, hasStory, now);
      if (decision.next) this.#stories.delete(request.id);
      return decision;
    });
  }

  async redeliver(
    address: RecordAddress,
    id: string,
    generation: number,
    move?: Move,
  ): Promise<RedeliverReply> {
    return this.#apply(address, (record, now) =>
      decideRedeliver(record, { id, generation, move }, now),
    );
  }

  async *survey(beforeMs: number): AsyncGenerator<readonly OpenRecord[]> {
    yield [...this.#records.keys()].flatMap((member) => {
      const address = parseAddress(member);
      const record = this.#record(address);
      if (!record || !['waiting', 'running', 'snoozed'].includes(record.state)) return [];
      // An anonymous call's record ends by itself, unless nothing else leads to its delivery.
      const isIndexed = record.expiresAtMs === undefined || record.envelope !== undefined;
      const { id, queue, generation, enqueuedAtMs = 0 } = record;
      return isIndexed && enqueuedAtMs <= beforeMs ? [{ address, id, queue, generation }] : [];
    });
  }

  async discard(_address: RecordAddress, id: string): Promise<boolean> {
    const existed = this.#story(id) !== undefined;
    this.#stories.delete(id);
    return existed;
  }

  async inspect(address: RecordAddress, id: string): Promise<InspectReply> {
    const pointer = this.#pointer(address);
    if (pointer) return { tag: 'pointer', address: pointer };
    const told = this.#story(id);
    const gone = address.kind === 'key' ? this.#gone.get(id) : undefined;
    const isKept = gone !== undefined && gone.expiresAtMs > this.#now();
    const story = {
      story: told?.text || undefined,
      diedAtMs: told?.diedAtMs,
      cancelledFor: isKept ? gone.reason : undefined,
    };
    const record = this.#record(address);
    if (!record) return { tag: 'missing', ...story };
    return {
      tag: 'found',
      id: record.id,
      state: record.state,
      queue: record.queue,
      generation: record.generation,
      token: record.token,
      start: record.start,
      leaseLeftMs: Math.max(0, (record.leaseUntilMs ?? 0) - this.#now()),
      enqueuedAtMs: record.enqueuedAtMs,
      finishedAtMs: record.finishedAtMs,
      snoozedUntilMs: record.snoozedUntilMs,
      result: record.result,
      reason: record.reason,
      envelope: record.envelope,
      ...story,
    };
  }

  async point(id: string, target: RecordAddress, ttlMs: number): Promise<boolean> {
    const address: RecordAddress = { kind: 'call', name: id };
    const current = this.#pointer(address);
    if (this.#record(address) || (current && current !== formatAddress(target))) return false;
    this.#pointers.set(id, { target: formatAddress(target), expiresAtMs: this.#now() + ttlMs });
    return true;
  }

  async listDead(options: {
    readonly beforeMs?: number;
    readonly count: number;
  }): Promise<DeadEntry[]> {
    const before = options.beforeMs ?? Number.POSITIVE_INFINITY;
    return [...this.#stories.keys()]
      .flatMap((id) => {
        const story = this.#story(id);
        return story && story.diedAtMs <= before ? [{ id, diedAtMs: story.diedAtMs }] : [];
      })
      .sort((a, b) => b.diedAtMs - a.diedAtMs || (a.id < b.id ? 1 : -1))
      .slice(0, options.count);
  }

  #apply<Reply>(
    address: RecordAddress,
    decide: (record: CallRecord | undefined, nowMs: number) => Decision<Reply>,
  ): Reply {
    const { reply, next } = decide(
      this.#pointer(address) ? POINTED : this.#record(address),
      this.#now(),
    );
    if (next) this.#records.set(formatAddress(address), next);
    return reply;
  }

  #record(address: RecordAddress): CallRecord | undefined {
    const record = this.#records.get(formatAddress(address));
    if (record?.expiresAtMs === undefined || record.expiresAtMs > this.#now()) return record;
    this.#records.delete(formatAddress(address));
    return undefined;
  }

  #pointer(address: RecordAddress): string | undefined {
    if (address.kind !== 'call') return undefined;
    const pointer = this.#pointers.get(address.name);
    return pointer && pointer.expiresAtMs > this.#now() ? pointer.target : undefined;
  }

  #story(id: string): Story | undefined {
    const story = this.#stories.get(id);
    return story && story.expiresAtMs > this.#now() ? story : undefined;
  }
}
