import { randomUUID } from 'node:crypto';
import type { Clock, TypedEmitter } from '@bulletproof/kernel';
import type { ScheduleEvents } from './events.js';
import { type Dropped, decide } from './policy/decide.js';
import { type ScheduleState, type Situation, wakeOf } from './policy/state.js';
import { recordOf, type ScheduleRecord, stateOf, ticksOfSchedule } from './record.js';
import type { ScheduleStore, Seized } from './store.js';

/** How long a worker that went away keeps the others from a schedule that it was about to serve. */
const LEASE_MS = 10_000;
/** How often the end of a run is looked for that is waited for, should nobody tell of it. */
export const LOOK_FOR_END_MS = 5_000;

/** One tick of a schedule. */
export interface Tick {
  readonly schedule: string;
  readonly record: ScheduleRecord;
  /** Its time, epoch ms. */
  readonly at: number;
}

/** What schedules need of those who know calls. Each may be repeated: the second time changes nothing. */
export interface TickPort {
  /** Enqueues the run of a tick; the same tick again is the same run. */
  enqueue(tick: Tick): Promise<{ readonly id: string; readonly isNew: boolean }>;
  /** Whether the run of a tick is still going; if not, when it ended, if that is known. */
  look(tick: Tick): Promise<{ readonly isGoing: boolean; readonly endedMs: number | undefined }>;
  /** Cancels the run of a tick. */
  cancel(tick: Tick): Promise<void>;
}

/** What serving works with. */
export interface ServiceParts {
  readonly store: ScheduleStore;
  readonly port: TickPort;
  readonly events: TypedEmitter<ScheduleEvents>;
  readonly clock: Clock;
}

/** A schedule while it is served here. */
interface Served extends Seized {
  readonly name: string;
  readonly declared: ScheduleRecord;
  readonly at: ScheduleState;
  /** On this process's own clock. */
  readonly leaseEndsAt: number;
}

interface Step {
  readonly served: Served;
  /** There is more to do at once. */
  readonly goesOn: boolean;
}

/**
 * Serves a schedule: what is to be done is decided and kept, then carried out, then crossed off. Who dies in between
 * is followed by another one, who finds what was decided and carries it out; doing that twice does it once.
 */
export class Service {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  /** Does what there is to do for a schedule, unless somebody else is at it. */
  async serve(name: string): Promise<void> {
    for (let early = false; await this.#serve(name, early); early = true);
  }

  /** A run of a schedule has ended: does what waited for that. */
  async serveEnded(name: string): Promise<void> {
    const found = await this.#parts.store.lookUp(name);
    if (found.tag !== 'found' || !isWaiting(stateOf(found.state))) return;
    for (let early = true; await this.#serve(name, early); early = true);
  }

  /** True when there is more to do: the run that is waited for ended meanwhile, and who heard of it was sent away. */
  async #serve(name: string, early: boolean): Promise<boolean> {
    const { store, clock } = this.#parts;
    const leaseEndsAt = clock.monotonicMs() + LEASE_MS;
    const owner = randomUUID();
    const seized = await store.seize({ name, owner, leaseMs: LEASE_MS, early });
    if (seized.tag !== 'seized') return false;
    const declared = recordOf(seized.record);
    const at = stateOf(seized.state);
    let served: Served = { ...seized, name, declared, at, leaseEndsAt };
    for (;;) {
      const step = await this.#step(served);
      if (!step) return false;
      served = step.served;
      if (!step.goesOn) break;
    }
    if (!isWaiting(served.at) || served.at.last === undefined) return false;
    return !(await this.#look(served)).isGoing;
  }

  /** One decision, or one thing that was decided; undefined when somebody else does it. */
  async #step(served: Served): Promise<Step | undefined> {
    if (isOpen(served.at)) return this.#carryOut(served);
    const { name, declared, at, seenMs, nowMs } = served;
    const { isGoing, endedMs } = await this.#look(served);
    const situation: Situation = {
      schedule: declared.schedule,
      ticks: ticksOfSchedule(name, declared.schedule),
      state: at,
      nowMs,
      seenMs,
      isGoing,
      endedMs,
    };
    const { state, dropped } = decide(situation);
    const hold = isOpen(state);
    const kept = await this.#keep(served, state, hold);
    if (!kept) return undefined;
    this.#tellDropped(kept, dropped);
    return { served: kept, goesOn: hold };
  }

  async #look({ name, declared, at }: Served): ReturnType<TickPort['look']> {
    if (at.last === undefined) return { isGoing: false, endedMs: undefined };
    return this.#parts.port.look({ schedule: name, record: declared, at: at.last });
  }

  async #carryOut(served: Served): Promise<Step | undefined> {
    const { port, clock } = this.#parts;
    const { name, declared, at, leaseEndsAt } = served;
    // Whoever stood still for as long as the lease may be late by days: the tick may have run and be forgotten.
    if (clock.monotonicMs() >= leaseEndsAt) return undefined;
    const { cancelling, pending, ...rest } = at;
    if (cancelling !== undefined) {
      await port.cancel({ schedule: name, record: declared, at: cancelling });
    }
    if (pending && at.last !== undefined) await this.#enqueue(served, at.last);
    // A run that was cancelled has made room: there is more to decide.
    const goesOn = cancelling !== undefined;
    const kept = await this.#keep(served, rest, goesOn);
    return kept && { served: kept, goesOn };
  }

  async #enqueue({ name, declared, nowMs }: Served, tick: number): Promise<void> {
    const { port, events } = this.#parts;
    const { id, isNew } = await port.enqueue({ schedule: name, record: declared, at: tick });
    if (!isNew) return;
    const lateMs = Math.max(0, nowMs - tick);
    const about = { schedule: name, job: declared.job, tick };
    events.emit('schedule.ticked', { ...about, id, lateMs });
    if (lateMs > declared.schedule.lateAfterMs) events.emit('schedule.late', { ...about, lateMs });
  }

  async #keep(served: Served, state: ScheduleState, hold: boolean): Promise<Served | undefined> {
    const { name, version, nowMs } = served;
    const wakeMs = wakeOf(state, nowMs, LOOK_FOR_END_MS);
    const text = JSON.stringify(state);
    const reply = await this.#parts.store.advance({ name, version, state: text, wakeMs, hold });
    if (reply.tag === 'stale') return undefined;
    return { ...served, version: reply.version, at: state };
  }

  #tellDropped({ name, declared }: Served, dropped: readonly Dropped[]): void {
    for (const one of dropped) {
      this.#parts.events.emit('schedule.skipped', { schedule: name, job: declared.job, ...one });
    }
  }
}

/** Something was decided that is not known to be done. */
function isOpen(state: ScheduleState): boolean {
  return state.pending === true || state.cancelling !== undefined;
}

/** The next thing to happen is the end of a run. */
function isWaiting({ next, backlog, paused }: ScheduleState): boolean {
  return !paused && (next === undefined || backlog.length > 0);
}
