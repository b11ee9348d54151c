import type { ClockTimer } from '@bulletproof/kernel';
import type { OpenCircuit } from '../errors.js';
import type { Counts } from '../policy/state.js';
import type { ResolvedShared } from '../resolved.js';
import { Fleet } from './fleet.js';
import type { StoreLink } from './link.js';
import { LocalMachine } from './local.js';
import { Outcomes } from './outcomes.js';
import { Probing } from './probing.js';
import { admissionAt, isRamping } from './ramp.js';
import { type Face, rejectionIn } from './rejection.js';
import type { FleetView } from './view.js';

/** Why this process decides for itself although the store can be reached. */
type Hold =
  /** Its own window would open; the fleet has been asked. */
  | { readonly kind: 'provisional' }
  /** The fleet lacks a quorum: it is open for this process only. */
  | { readonly kind: 'alone' }
  /** Somebody called `open()`. */
  | { readonly kind: 'opened' }
  /** Somebody called `close()`: until the fleet's state changes. */
  | { readonly kind: 'closed'; readonly epoch: number };

/** What a breaker hears from its gate. */
export interface GateEvents {
  face(now: Face, openedForMs: number): void;
  fleet(view: FleetView): void;
  storeUp(): void;
  storeDown(error: unknown): void;
  configMismatch(own: string, other: string): void;
}

/** A forced state is looked at again when its time is over, but not more often. */
const SHORTEST_TURN_MS = 50;

/**
 * Decides for one breaker whether a call may pass: the fleet while the store can be reached, else this process alone. The closed path
 * costs a look at `passes` before and an addition after a call.
 */
export class Gate {
  /** True: every call may pass, without a question. */
  passes = true;
  readonly options: ResolvedShared;
  readonly fleet: Fleet;
  readonly local: LocalMachine;
  readonly outcomes: Outcomes;
  readonly probing: Probing;
  readonly #events: GateEvents;
  #face: Face = 'closed';
  #ruler = '';
  #hold: Hold | undefined;
  #suppressedUntilMs = 0;
  #openedAtMs = 0;
  #turnTimer: ClockTimer | undefined;
  #stopped = false;

  constructor(options: ResolvedShared, link: StoreLink, events: GateEvents) {
    this.options = options;
    this.#events = events;
    this.local = new LocalMachine(options.localLimits, () => this.#now());
    this.outcomes = new Outcomes(options, {
      bucket: (counts) => {
        this.local.count(counts);
        this.fleet.add(counts, false);
      },
      bad: (counts) => this.#judge(counts),
    });
    this.probing = new Probing(this);
    this.fleet = new Fleet(options, link, {
      learned: (before) => this.#learned(before),
      joined: (isFirst) => this.#joined(isFirst),
      left: (error) => this.#left(error),
      configMismatch: (own, other) => this.#events.configMismatch(own, other),
    });
  }

  get face(): Face {
    return this.#face;
  }

  /** True when the next call may be a probe. */
  get mayProbe(): boolean {
    return this.#face === 'half-open' && this.probing.mayAsk;
  }

  /** Who decides: the fleet, or this process alone. */
  scope(): 'fleet' | 'local' {
    return this.fleet.isJoined && this.#hold === undefined ? 'fleet' : 'local';
  }

  /** True when this call may pass, also when the breaker has only just recovered. */
  admits(): boolean {
    if (this.#face !== 'closed') return false;
    const { random, rampMs } = this.options;
    return this.passes || random() < admissionAt(this.#now() - this.fleet.view.sinceMs, rampMs);
  }

  /** Why a call is rejected now. */
  rejection(): Omit<OpenCircuit, 'breaker'> {
    const { face, local, options } = this;
    const { deniedUntilMs } = this.probing;
    const { view } = this.fleet;
    return rejectionIn({ face, scope: this.scope(), view, local, deniedUntilMs, options });
  }

  /** `open()` of a user: this process only, as with opossum. */
  open(): void {
    if (this.#stopped || this.#face === 'open') return;
    this.local.open(this.options.limits.openMs, 'opened-by-hand');
    this.#hold = { kind: 'opened' };
    this.refresh();
  }

  /** `close()` of a user: this process only, until the fleet's state changes. */
  close(): void {
    if (this.#stopped || this.#face === 'closed') return;
    this.local.close('closed-by-hand');
    this.#hold = { kind: 'closed', epoch: this.fleet.view.epoch };
    this.refresh();
  }

  /** Ends all timers and leaves the store; from then on it changes no more. */
  stop(): void {
    this.#stopped = true;
    this.#turnTimer?.cancel();
    this.outcomes.stop();
    this.probing.stop();
    this.fleet.stop();
  }

  /** Works out the state again, and tells what has changed. */
  refresh(): void {
    if (this.#stopped) return;
    // Closed again after a probe of its own: there is nothing left to hold.
    const isOver = this.local.state === 'closed';
    if (isOver && (this.#hold?.kind === 'alone' || this.#hold?.kind === 'opened')) {
      this.#hold = undefined;
    }
    const before = this.#face;
    this.#face = this.#faceNow();
    this.#count();
    const ramps = this.scope() === 'fleet' && isRamping(this.fleet.view, this.options, this.#now());
    this.passes = this.#face === 'closed' && !ramps;
    this.#scheduleTurn();
    if (this.#face === before) return;
    if (this.#face === 'open') this.#openedAtMs = this.#now();
    this.#events.face(this.#face, Math.round(this.#now() - this.#openedAtMs));
  }

  #now(): number {
    return this.options.clock.monotonicMs();
  }

  /** Something bad happened: would this process open by itself? The fleet hears of it in any case. */
  #judge(counts: Counts): void {
    const reason = this.local.count(counts);
    this.fleet.add(counts, true);
    if (reason === undefined) return;
    const { localTrip, limits } = this.options;
    if (this.scope() === 'local') {
      this.local.open(limits.openMs, reason);
      // Who closed by hand did not mean for ever.
      if (this.#hold?.kind === 'closed') this.#hold = { kind: 'alone' };
    } else if (localTrip !== 'off' && this.#now() >= this.#suppressedUntilMs) this.#ask(reason);
    this.refresh();
  }

  /** Opens for itself, and asks the fleet. */
  #ask(reason: string): void {
    this.local.open(this.options.limits.openMs, reason);
    this.#consult();
  }

  /** Stays open until the fleet has answered. */
  #consult(): void {
    const hold: Hold = { kind: 'provisional' };
    this.#hold = hold;
    void this.fleet.report(this.options.localTrip === 'propagate').then((reply) => {
      if (this.#hold !== hold || this.#stopped) return;
      // Without an answer this process goes on alone, and stays open.
      const lacksQuorum = reply?.tag === 'counted' && reply.hindrance === 'quorum';
      this.#hold = lacksQuorum ? { kind: 'alone' } : undefined;
      if (reply !== undefined && !lacksQuorum) {
        this.local.close('refused-by-fleet');
        // Not again for a while: its own failures go on, and each would open and close it.
        const { windowMs, buckets } = this.options.limits;
        this.#suppressedUntilMs = this.#now() + Math.floor(windowMs / buckets);
      }
      this.refresh();
    });
  }

  #learned(before: FleetView): void {
    const { view } = this.fleet;
    if (view.epoch !== before.epoch) {
      const kind = this.#hold?.kind;
      const isOver = this.#hold?.kind === 'closed' && this.#hold.epoch !== view.epoch;
      // The fleet's opening is what a provisional or lonely one has waited for.
      const isAnswered = (kind === 'provisional' || kind === 'alone') && view.state !== 'closed';
      if (isAnswered) this.local.close('adopted');
      if (isOver || isAnswered) this.#hold = undefined;
      if (before.epoch !== 0 || view.state !== 'closed') {
        this.outcomes.forget();
        this.fleet.forget();
      }
      this.probing.denyUntil(0);
      this.#events.fleet(view);
    }
    // Somebody has the only lease, or has given it back.
    if (view.state === 'half-open' && this.options.limits.probes === 1) {
      this.probing.denyUntil(view.endsAtMs);
    }
    this.refresh();
  }

  #joined(isFirst: boolean): void {
    const asks = isFirst && this.fleet.view.state === 'closed' && this.options.localTrip !== 'off';
    if (asks && this.#hold === undefined && this.local.state === 'open') this.#consult();
    else if (this.#hold?.kind !== 'opened') this.local.close('joined');
    this.refresh();
    this.#events.storeUp();
  }

  /** The store is away: what the fleet had decided goes on here, and what was pending is forgotten. */
  #left(error: unknown): void {
    const { view } = this.fleet;
    const isOpen = view.state === 'open' || view.state === 'forced-open';
    if (this.#hold === undefined && (isOpen || view.state === 'half-open')) {
      const leftMs = isOpen ? Math.max(0, view.endsAtMs - this.#now()) : 0;
      // Spread, or all processes would probe at the same time.
      this.local.open(leftMs * (1 + this.options.random() / 2), view.reason);
    }
    if (this.#hold?.kind !== 'opened') this.#hold = undefined;
    this.refresh();
    this.#events.storeDown(error);
  }

  #faceNow(): Face {
    if (this.#hold?.kind === 'closed') return 'closed';
    if (this.scope() === 'local') {
      const { state, remainingMs } = this.local;
      if (state === 'open') return remainingMs > 0 ? 'open' : 'half-open';
      return state === 'half-open' ? 'half-open' : 'closed';
    }
    const { state, endsAtMs } = this.fleet.view;
    if (state === 'open') return this.#now() < endsAtMs ? 'open' : 'half-open';
    if (state === 'forced-open') return 'open';
    return state === 'half-open' ? 'half-open' : 'closed';
  }

  /** Whose outcomes count depends on who decides and since when: calls that began under another state do not. */
  #count(): void {
    const byFleet = this.scope() === 'fleet';
    const { view } = this.fleet;
    const ruler = `${this.#face} ${byFleet ? view.epoch : `local ${this.local.epoch}`}`;
    if (ruler === this.#ruler) {
      this.outcomes.raiseFloor();
      return;
    }
    this.#ruler = ruler;
    const counts = this.#face === 'closed' && !(byFleet && view.state !== 'closed');
    const sinceMs = byFleet ? view.sinceMs : this.#now() - this.local.ageMs;
    this.outcomes.countFrom(counts ? sinceMs : Number.POSITIVE_INFINITY);
  }

  /** The state also changes with time: open becomes due, a ramp or a force ends. */
  #scheduleTurn(): void {
    this.#turnTimer?.cancel();
    this.#turnTimer = undefined;
    const inMs = this.#nextTurnMs();
    if (inMs === undefined) return;
    this.#turnTimer = this.options.clock.setTimer(Math.max(1, Math.ceil(inMs)), () => {
      if (this.fleet.view.state.startsWith('forced')) void this.fleet.apply({ kind: 'read' });
      this.refresh();
    });
  }

  #nextTurnMs(): number | undefined {
    const isOpen = this.#face === 'open';
    if (this.scope() === 'local') return isOpen ? this.local.remainingMs : undefined;
    const { state, endsAtMs, sinceMs } = this.fleet.view;
    const leftMs = endsAtMs - this.#now();
    if (state.startsWith('forced')) return Math.max(SHORTEST_TURN_MS, leftMs);
    if (isOpen) return leftMs;
    const ramps = this.#face === 'closed' && !this.passes;
    return ramps ? sinceMs + this.options.rampMs - this.#now() : undefined;
  }
}
