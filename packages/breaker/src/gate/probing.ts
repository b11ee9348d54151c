import type { ProbeOutcome } from '../policy/probe.js';
import type { ResolvedShared } from '../resolved.js';
import type { Fleet } from './fleet.js';
import type { LocalMachine } from './local.js';

/** The lease of a probe. */
export interface Lease {
  readonly scope: 'fleet' | 'local';
  readonly token: number;
  /** When its holder gives up, on the monotonic clock. */
  readonly deadlineMs: number;
}

/** What probing needs of the gate. */
export interface ProbingGate {
  readonly options: ResolvedShared;
  readonly fleet: Fleet;
  readonly local: LocalMachine;
  scope(): 'fleet' | 'local';
  refresh(): void;
}

/** A holder gives up before its lease ends, so that its answer still counts. */
const TRUSTED_SHARE = 0.9;
/** At least this long after a denial. */
const SHORTEST_DENIAL_MS = 20;

/** Gets and settles leases of probes: from the fleet, or from the own machine while this process decides alone. */
export class Probing {
  readonly #gate: ProbingGate;
  #deniedUntilMs = 0;
  #asking = false;
  readonly #leased = new Set<number>();
  #stopped = false;

  constructor(gate: ProbingGate) {
    this.#gate = gate;
  }

  /** True when it makes sense to ask for a lease. */
  get mayAsk(): boolean {
    return !this.#asking && this.#now() >= this.#deniedUntilMs;
  }

  /** When it makes sense to ask again. */
  get deniedUntilMs(): number {
    return this.#deniedUntilMs;
  }

  /** Remembers until when others have the leases; 0: they are free. */
  denyUntil(atMs: number): void {
    this.#deniedUntilMs = atMs;
  }

  /** Asks for a lease; undefined: this call is no probe. At once while this process decides alone. */
  acquire(): Lease | undefined | Promise<Lease | undefined> {
    return this.#gate.scope() === 'local' ? this.#acquireLocally() : this.#acquireFromFleet();
  }

  /** Ends a probe, and waits until the fleet has heard it (for a bounded time). */
  settle({ scope, token }: Lease, outcome: ProbeOutcome): void | Promise<void> {
    if (scope === 'fleet') return this.#settleInFleet(token, outcome);
    this.#gate.local.settle(token, outcome);
    this.#gate.refresh();
  }

  /** Gives back what is leased from the fleet: the next process need not wait for the end of the lease. */
  stop(): void {
    for (const token of this.#leased) void this.#gate.fleet.settle(token, 'abandoned');
    this.#stopped = true;
  }

  #now(): number {
    return this.#gate.options.clock.monotonicMs();
  }

  #acquireLocally(): Lease | undefined {
    const { local, options } = this.#gate;
    const token = local.acquire();
    this.#gate.refresh();
    if (token === undefined) return undefined;
    const deadlineMs = this.#now() + options.limits.leaseMs * TRUSTED_SHARE;
    return { scope: 'local', token, deadlineMs };
  }

  async #acquireFromFleet(): Promise<Lease | undefined> {
    this.#asking = true;
    const sentAtMs = this.#now();
    const { limits, callMs = 0 } = this.#gate.options;
    try {
      const reply = await this.#gate.fleet.acquire();
      // The store went away: this process decides alone, and this call may be its probe.
      if (reply === undefined) return this.#stopped ? undefined : this.#acquireLocally();
      if (reply.tag === 'denied') {
        this.#deniedUntilMs = this.#now() + Math.max(SHORTEST_DENIAL_MS, reply.remainingMs);
      }
      if (reply.tag !== 'granted') return undefined;
      const deadlineMs = sentAtMs + limits.leaseMs * TRUSTED_SHARE;
      this.#leased.add(reply.token);
      const lease: Lease = { scope: 'fleet', token: reply.token, deadlineMs };
      // A probe that might outlive its lease must not begin.
      if (this.#now() + callMs <= sentAtMs + limits.leaseMs) return lease;
      await this.settle(lease, 'abandoned');
      return undefined;
    } finally {
      this.#asking = false;
    }
  }

  async #settleInFleet(token: number, outcome: ProbeOutcome): Promise<void> {
    const { fleet, local, options } = this.#gate;
    if (!this.#leased.delete(token)) return;
    const reply = await fleet.settle(token, outcome);
    if (reply !== undefined || this.#stopped) return;
    if (outcome === 'passed') local.close('recovered');
    if (outcome === 'failed') local.open(options.limits.openMs, 'probe-failed');
    this.#gate.refresh();
  }
}
