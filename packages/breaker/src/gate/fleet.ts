import type { ClockTimer } from '@bulletproof/kernel';
import type { AcquireReply, ProbeOutcome, SettleReply } from '../policy/probe.js';
import type { ReportReply } from '../policy/report.js';
import type { Ask, Counts, Told, View } from '../policy/state.js';
import type { BreakerEvent, Replies } from '../policy/transition.js';
import type { ResolvedShared } from '../resolved.js';
import { Budget } from './budget.js';
import type { Member, StoreLink } from './link.js';
import { Tally } from './tally.js';
import { type FleetView, heard, knownOf, UNHEARD } from './view.js';

/** Failures are told soon, so that the fleet hears of them; successes that come with them travel along. */
const FAILURE_FLUSH_MS = 5;
/** How often the state is read while the breaker is not closed. */
const ANXIOUS_POLL_MS = 500;

/** What a gate hears from the fleet. */
export interface FleetEvents {
  /** The view may have changed. */
  learned(before: FleetView): void;
  /** `isFirst`: the store was there from the beginning, so that what this process has decided by then is not an outage's. */
  joined(isFirst: boolean): void;
  left(error: unknown): void;
  configMismatch(own: string, other: string): void;
}

/** Numbers for pages and metrics. */
export interface FleetCounters {
  reports: number;
  reported: number;
  dropped: number;
  reads: number;
  announcements: number;
  probesGranted: number;
  probesDenied: number;
  staleProbes: number;
  storeErrors: number;
}

/** One breaker's side of the store: what is known of the fleet, what is told to it, and when. */
export class Fleet implements Member {
  readonly name: string;
  readonly timeoutMs: number;
  readonly counters: FleetCounters = {
    reports: 0,
    reported: 0,
    dropped: 0,
    reads: 0,
    announcements: 0,
    probesGranted: 0,
    probesDenied: 0,
    staleProbes: 0,
    storeErrors: 0,
  };
  readonly #options: ResolvedShared;
  readonly #link: StoreLink;
  readonly #events: FleetEvents;
  readonly #unsent = new Tally();
  readonly #budget: Budget;
  readonly #leave: () => void;
  readonly #foreign = new Set<string>();
  /** Leases that were granted too late for anybody to use them. */
  readonly #owed: number[] = [];
  #view: FleetView = UNHEARD;
  #joined = false;
  #isJoining = true;
  #isAway = false;
  #heardAtMs = 0;
  #flushTimer: ClockTimer | undefined;
  #pollTimer: ClockTimer | undefined;
  #stopped = false;

  constructor(options: ResolvedShared, link: StoreLink, events: FleetEvents) {
    this.name = options.name;
    this.timeoutMs = options.storeTimeoutMs;
    this.#options = options;
    this.#link = link;
    this.#events = events;
    this.#budget = new Budget(() => options.clock.monotonicMs());
    this.#leave = link.join(this);
  }

  get view(): FleetView {
    return this.#view;
  }

  /** True while the store answers and this breaker has read its state: then the fleet decides. */
  get isJoined(): boolean {
    return this.#joined;
  }

  ask(): Ask {
    const { by, config, limits, jitter, random } = this.#options;
    const known = knownOf(this.#view, this.#options.clock.monotonicMs());
    return { by, config, limits, known, jitter: jitter * random() };
  }

  /** Takes over outcomes, to be reported within a moment when `soon`, else with the next bucket. */
  add(counts: Counts, soon: boolean): void {
    // Until the first look at the store has ended, outcomes are kept: that takes a moment only.
    if (!this.#joined && !this.#isJoining) return;
    this.#unsent.add(counts);
    if (!this.#joined) return;
    if (soon) this.#flushIn(FAILURE_FLUSH_MS);
    else void this.flush();
  }

  /** Forgets outcomes that belong to an epoch that is over. */
  forget(): void {
    this.#unsent.clear();
  }

  /** Reports now, budget or not; undefined when the store is away. */
  async report(trip: boolean): Promise<ReportReply | undefined> {
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    this.#budget.spend();
    const counts = this.#unsent.take();
    const admittedEpoch = this.#view.epoch;
    const reply = await this.#apply({ kind: 'report', ...counts, admittedEpoch, trip });
    this.counters.reports += 1;
    if (reply?.tag === 'dropped') this.counters.dropped += counts.passed + counts.failed;
    else if (reply) this.counters.reported += counts.passed + counts.failed;
    return reply;
  }

  /** Reports what there is as soon as the budget allows. */
  async flush(): Promise<void> {
    if (this.#unsent.isEmpty || !this.#joined) return;
    const { waitMs } = this.#budget;
    if (waitMs > 0) this.#flushIn(waitMs);
    else await this.report(false);
  }

  async acquire(): Promise<AcquireReply | undefined> {
    const reply = await this.#apply({ kind: 'acquire' });
    if (reply?.tag === 'granted') this.counters.probesGranted += 1;
    if (reply?.tag === 'denied') this.counters.probesDenied += 1;
    return reply;
  }

  async settle(token: number, outcome: ProbeOutcome): Promise<SettleReply | undefined> {
    const reply = await this.#apply({ kind: 'settle', token, outcome });
    if (reply?.tag === 'stale') this.counters.staleProbes += 1;
    return reply;
  }

  /** Applies an event, and learns from the reply; undefined when the store is away. */
  apply<E extends BreakerEvent>(event: E): Promise<Replies[E['kind']] | undefined> {
    return this.#apply(event);
  }

  up(): void {
    void this.#read();
  }

  down(error: unknown): void {
    this.counters.storeErrors += 1;
    this.#joined = false;
    this.#isJoining = false;
    // What happens while the store is away is not told later.
    this.#unsent.clear();
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    if (this.#isAway) return;
    this.#isAway = true;
    this.#events.left(error);
  }

  announced(view: View): void {
    this.counters.announcements += 1;
    const { epoch, state } = this.#view;
    // Within an epoch, only the leases of a half-open breaker change.
    if (view.epoch > epoch || (view.epoch === epoch && state === 'half-open')) this.#learn(view);
  }

  late(reply: { readonly tag: string; readonly token?: number }): void {
    if (reply.tag !== 'granted' || reply.token === undefined || this.#stopped) return;
    // Nobody waits for this probe any more; the next one need not wait for the end of its lease.
    this.#owed.push(reply.token);
    if (this.#joined) this.#giveBack();
  }

  stop(): void {
    this.#stopped = true;
    this.#flushTimer?.cancel();
    this.#pollTimer?.cancel();
    this.#joined = false;
    this.#leave();
  }

  async #read(): Promise<void> {
    const reply = await this.#apply({ kind: 'read' });
    this.counters.reads += 1;
    // The reply may have come just before the store went away again.
    if (reply === undefined || this.#stopped || this.#joined || !this.#link.isUp) return;
    this.#joined = true;
    this.#isAway = false;
    const isFirst = this.#isJoining;
    this.#isJoining = false;
    this.#events.joined(isFirst);
    void this.flush();
    this.#giveBack();
    this.#poll();
  }

  #giveBack(): void {
    for (const token of this.#owed.splice(0)) {
      void this.#apply({ kind: 'settle', token, outcome: 'abandoned' });
    }
  }

  async #apply<E extends BreakerEvent>(event: E): Promise<Replies[E['kind']] | undefined> {
    const reply = await this.#link.apply(this, event);
    if (reply === undefined || this.#stopped) return undefined;
    this.#heardAtMs = this.#options.clock.monotonicMs();
    const { config } = reply as Told;
    if (config !== '' && config !== this.#options.config && !this.#foreign.has(config)) {
      this.#foreign.add(config);
      this.#events.configMismatch(this.#options.config, config);
    }
    if (reply.epoch >= this.#view.epoch) this.#learn(reply);
    return reply;
  }

  #learn(view: View): void {
    const before = this.#view;
    const next = heard(view, this.#options.clock.monotonicMs());
    // The moment of a change does not move with the time that each reply took.
    this.#view = next.epoch === before.epoch ? { ...next, sinceMs: before.sinceMs } : next;
    this.#events.learned(before);
  }

  #flushIn(ms: number): void {
    this.#flushTimer ??= this.#options.clock.setTimer(ms, () => {
      this.#flushTimer = undefined;
      void this.flush();
    });
  }

  /** Announcements may be lost, so the state is read when nothing was heard for a while. */
  #poll(): void {
    const { clock, pollMs } = this.#options;
    const closed = this.#view.state === 'closed';
    const everyMs = closed ? pollMs : Math.min(pollMs, ANXIOUS_POLL_MS);
    const restMs = Math.max(1, this.#heardAtMs + everyMs - clock.monotonicMs());
    this.#pollTimer?.cancel();
    this.#pollTimer = clock.setTimer(Math.min(restMs, ANXIOUS_POLL_MS), () => {
      if (!this.#joined) return;
      if (clock.monotonicMs() - this.#heardAtMs >= everyMs) {
        void this.#apply({ kind: 'read' });
        this.counters.reads += 1;
        this.#heardAtMs = clock.monotonicMs();
      }
      this.#poll();
    });
  }
}
