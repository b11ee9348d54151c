/** The states of a breaker; the forced ones end by time or release only. */
export type StateName = 'closed' | 'open' | 'half-open' | 'forced-open' | 'forced-closed';

/** Outcomes of calls. A slow call is counted as passed or failed, too. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly slow: number;
}

/** The outcomes of one slice of time; `stamp` is the number of the slice since the epoch. */
export interface Bucket extends Counts {
  readonly stamp: number;
}

/** The rolling window: outcomes of calls that were admitted under `epoch`, and who reported failures. */
export interface Window {
  readonly epoch: number;
  /** By place in the ring. */
  readonly buckets: ReadonlyMap<number, Bucket>;
  /** When each process last reported failures, by its id. */
  readonly reporters: ReadonlyMap<string, number>;
}

/** Everything that is kept of a breaker. */
export interface BreakerRecord {
  readonly state: StateName;
  /** The number of the state: greater after each transition; 0 before the first. */
  readonly epoch: number;
  readonly changedAtMs: number;
  /** When an open breaker is due for a probe, or a forced one free again; 0 in other states. */
  readonly untilMs: number;
  /** How often it has opened without being stable in between. */
  readonly opens: number;
  /** Probes that have succeeded since it is half-open. */
  readonly passed: number;
  /** Leases that have expired since it is half-open. */
  readonly lapsed: number;
  readonly lastToken: number;
  /** Why it is in this state (half-open: why it had opened). */
  readonly reason: string;
  /** The process that brought it into this state. */
  readonly by: string;
  /** Digest of the options of the process that reported last. */
  readonly config: string;
  /** When the lease of each probe ends, by its token. */
  readonly leases: ReadonlyMap<number, number>;
  /** By the shape of the window: processes with other windows do not mix. */
  readonly windows: ReadonlyMap<string, Window>;
}

/** A breaker of which nothing is kept. */
export const NEW_BREAKER: BreakerRecord = {
  state: 'closed',
  epoch: 0,
  changedAtMs: 0,
  untilMs: 0,
  opens: 0,
  passed: 0,
  lapsed: 0,
  lastToken: 0,
  reason: '',
  by: '',
  config: '',
  leases: new Map(),
  windows: new Map(),
};

/** A breaker's state as every reply tells it. */
export interface View {
  readonly state: StateName;
  readonly epoch: number;
  /** Until it is due or free (open, forced), or until a lease may be had (half-open); 0 when at once or when closed. */
  readonly remainingMs: number;
  readonly ageMs: number;
  readonly opens: number;
  readonly reason: string;
  readonly by: string;
}

/** What a process knows of a breaker's state. It puts that back where the store has lost it. */
export type Known = Omit<View, 'by'>;

/** What a process knows that has not asked yet. */
export const NOTHING_KNOWN: Known = {
  state: 'closed',
  epoch: 0,
  remainingMs: 0,
  ageMs: 0,
  opens: 0,
  reason: '',
};

/** The resolved options that decide about transitions; they travel with every request. */
export interface Limits {
  /** How long it is open the first time; doubled each time after that. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** A breaker that was closed that long opens for `openMs` again. */
  readonly stableMs: number;
  readonly windowMs: number;
  readonly buckets: number;
  readonly volume: number;
  /** Percentages that must be exceeded; 100 never is. */
  readonly failureRate: number;
  readonly slowRate: number;
  /** How many processes must have reported failures. */
  readonly quorum: number;
  /** How many probes may run at once, in the whole fleet. */
  readonly probes: number;
  /** How many probes must succeed. */
  readonly successes: number;
  readonly leaseMs: number;
  /** How long the store keeps what is not used. */
  readonly keepMs: number;
}

/** Who asks, and under which options. */
export interface Ask {
  readonly by: string;
  readonly config: string;
  readonly known: Known;
  readonly limits: Limits;
  /** What this request adds to an open time, as a fraction of it. */
  readonly jitter: number;
}

/** What every reply carries. */
export interface Told extends View {
  /** Digest of the options of the process that reported last before this one; empty when none has. */
  readonly config: string;
}

/** What a transition results in. */
export interface Decision<Reply> {
  readonly reply: Reply;
  readonly next: BreakerRecord;
  /** What the store tells all processes; only when the state has changed, or a lease is free. */
  readonly announced?: View;
}

/** What a decision ends with. */
export interface Conclusion<Answer extends object> {
  readonly answer: Answer;
  readonly ask: Ask;
  readonly nowMs: number;
  /** A lease was given back, which others wait for. */
  readonly freed?: boolean;
}

/** Ends a decision: the reply tells the state as it is now, all processes hear of a change. */
export function concluded<Answer extends object>(
  before: BreakerRecord,
  next: BreakerRecord,
  { answer, ask, nowMs, freed = false }: Conclusion<Answer>,
): Decision<Answer & Told> {
  const view = viewOf(next, ask.limits.probes, nowMs);
  return {
    reply: { ...answer, ...view, config: before.config },
    next,
    ...((freed || next.epoch !== before.epoch) && { announced: view }),
  };
}

function viewOf(record: BreakerRecord, probes: number, nowMs: number): View {
  const { state, epoch, opens, reason, by } = record;
  const ageMs = epoch === 0 ? 0 : Math.max(0, nowMs - record.changedAtMs);
  return {
    state,
    epoch,
    remainingMs: remainingOf(record, probes, nowMs),
    ageMs,
    opens,
    reason,
    by,
  };
}

function remainingOf(record: BreakerRecord, probes: number, nowMs: number): number {
  if (record.state !== 'half-open') return Math.max(0, record.untilMs - nowMs);
  const ends = [...record.leases.values()];
  return ends.length < probes ? 0 : Math.max(0, Math.min(...ends) - nowMs);
}
