import { moved } from '../policy/move.js';
import { decideAcquire, decideSettle, type ProbeOutcome } from '../policy/probe.js';
import { judge } from '../policy/report.js';
import {
  type Ask,
  type BreakerRecord,
  type Counts,
  type Limits,
  NEW_BREAKER,
  NOTHING_KNOWN,
  type StateName,
} from '../policy/state.js';
import { counted, isBad } from '../policy/window.js';

/** The same state machine for this process alone: what it would decide by itself, and decides while the store is away. */
export class LocalMachine {
  readonly #limits: Limits;
  readonly #now: () => number;
  #record: BreakerRecord = NEW_BREAKER;

  /** @param now a monotonic clock, ms */
  constructor(limits: Limits, now: () => number) {
    // A quorum of processes cannot be asked, and each process waits as long as opossum does.
    this.#limits = { ...limits, quorum: 1, maxOpenMs: limits.openMs };
    // Whole milliseconds that are never 0, which means "never" in a record.
    this.#now = () => Math.floor(now()) + 1;
  }

  get state(): StateName {
    return this.#record.state;
  }

  get epoch(): number {
    return this.#record.epoch;
  }

  get opens(): number {
    return this.#record.opens;
  }

  get reason(): string {
    return this.#record.reason;
  }

  /** How long until it is due, or until its lease ends. */
  get remainingMs(): number {
    const { state, untilMs, leases } = this.#record;
    const endMs = state === 'half-open' ? Math.min(...leases.values()) : untilMs;
    return Number.isFinite(endMs) ? Math.max(0, endMs - this.#now()) : 0;
  }

  /** How long it has been in this state. */
  get ageMs(): number {
    return this.#record.epoch === 0
      ? Number.POSITIVE_INFINITY
      : this.#now() - this.#record.changedAtMs;
  }

  /** Adds outcomes to its window, and tells why these alone would open it. */
  count(counts: Counts): string | undefined {
    if (this.#record.state !== 'closed') return undefined;
    const { record, totals } = counted(this.#record, counts, this.#ask(), this.#now());
    this.#record = record;
    const verdict = judge(totals, this.#limits, isBad(counts));
    return verdict.opens ? verdict.reason : undefined;
  }

  /** Opens it for that long. */
  open(forMs: number, reason: string): void {
    const nowMs = this.#now();
    const opens = this.#record.opens + 1;
    const target = { state: 'open', untilMs: nowMs + Math.ceil(forMs), reason, opens } as const;
    this.#record = moved(this.#record, target, this.#ask(), nowMs);
  }

  /** Closes it, with an empty window. */
  close(reason: string): void {
    if (this.#record.state === 'closed') return;
    const target = { state: 'closed', opens: 0, reason } as const;
    this.#record = moved(this.#record, target, this.#ask(), this.#now());
  }

  /** The lease of a probe when it is due and nobody probes. */
  acquire(): number | undefined {
    const { reply, next } = decideAcquire(this.#record, { ask: this.#ask() }, this.#now());
    this.#record = next;
    return reply.tag === 'granted' ? reply.token : undefined;
  }

  /** Ends a probe. */
  settle(token: number, outcome: ProbeOutcome): void {
    const request = { kind: 'settle', token, outcome } as const;
    this.#record = decideSettle(this.#record, { ask: this.#ask(), request }, this.#now()).next;
  }

  #ask(): Ask {
    return { by: '', config: '', known: NOTHING_KNOWN, limits: this.#limits, jitter: 0 };
  }
}
