import type {
  AdvanceReply,
  AdvanceRequest,
  DeclareReply,
  DeclareRequest,
  DueReply,
  LookUpReply,
  ScheduleStore,
  SeizeReply,
  SeizeRequest,
} from '../store.js';

interface Kept {
  readonly version: number;
  readonly record: string;
  readonly state: string;
  readonly wakeMs: number;
  readonly lease?: { readonly owner: string; readonly untilMs: number };
  readonly seenMs?: number;
}

/** The store of schedules in memory: what each operation means, in short. */
export class MemoryScheduleStore implements ScheduleStore {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async findDue(count: number): Promise<DueReply> {
    const nowMs = this.#now();
    const all = [...this.#kept].sort(([a, { wakeMs }], [b, other]) =>
      wakeMs === other.wakeMs ? (a < b ? -1 : 1) : wakeMs - other.wakeMs,
    );
    const due = all.filter(([, { wakeMs }]) => wakeMs <= nowMs);
    const next = all.find(([, { wakeMs }]) => wakeMs > nowMs && Number.isFinite(wakeMs));
    return {
      nowMs,
      names: due.slice(0, count).map(([name]) => name),
      nextMs: next?.[1].wakeMs,
      total: all.length,
    };
  }

  async seize({ name, owner, leaseMs, early }: SeizeRequest): Promise<SeizeReply> {
    const nowMs = this.#now();
    const kept = this.#kept.get(name);
    if (!kept) return { tag: 'missing' };
    const { record, state, lease } = kept;
    const isLeased = (lease?.untilMs ?? 0) > nowMs;
    if (isLeased && lease?.owner === owner) {
      const { version, seenMs = nowMs } = kept;
      return { tag: 'seized', version, record, state, seenMs, nowMs };
    }
    if (isLeased || (!early && kept.wakeMs > nowMs)) return { tag: 'waits' };
    const version = kept.version + 1;
    const seenMs = kept.seenMs ?? nowMs;
    const untilMs = nowMs + leaseMs;
    this.#kept.set(name, { ...kept, version, wakeMs: untilMs, lease: { owner, untilMs }, seenMs });
    return { tag: 'seized', version, record, state, seenMs, nowMs };
  }

  async advance(request: AdvanceRequest): Promise<AdvanceReply> {
    const { name, version, state, wakeMs = Number.POSITIVE_INFINITY, hold } = request;
    const kept = this.#kept.get(name);
    if (kept?.version === version + 1 && kept.state === state) {
      return { tag: 'advanced', version: kept.version };
    }
    if (kept?.version !== version) return { tag: 'stale' };
    const { record } = kept;
    const next = { version: version + 1, record, state };
    this.#kept.set(name, hold ? { ...kept, ...next } : { ...next, wakeMs });
    return { tag: 'advanced', version: version + 1 };
  }

  async declare(request: DeclareRequest): Promise<DeclareReply> {
    const { name, version, record, state, wakeMs = Number.POSITIVE_INFINITY } = request;
    const kept = this.#kept.get(name);
    const isAgain = kept && (kept.version === version + 1 || version === 0);
    if (isAgain && kept.record === record && kept.state === state) {
      return { tag: 'declared', version: kept.version };
    }
    if ((kept?.version ?? 0) !== version) return { tag: 'stale' };
    const next = version === 0 ? this.#now() * 1_000 : version + 1;
    const seen = kept?.seenMs === undefined ? {} : { seenMs: kept.seenMs };
    this.#kept.set(name, { version: next, record, state, wakeMs, ...seen });
    return { tag: 'declared', version: next };
  }

  async lookUp(name: string): Promise<LookUpReply> {
    const nowMs = this.#now();
    const kept = this.#kept.get(name);
    if (!kept) return { tag: 'missing', nowMs };
    const { version, record, state } = kept;
    return { tag: 'found', version, record, state, nowMs };
  }

  async forget(name: string, version?: number): Promise<boolean> {
    const kept = this.#kept.get(name);
    if (!kept || (version !== undefined && kept.version !== version)) return false;
    return this.#kept.delete(name);
  }

  async names(): Promise<string[]> {
    return [...this.#kept.keys()].sort();
  }
}
