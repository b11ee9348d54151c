import type { Rhythm } from '../options.js';
import { Cron } from './cron.js';
import { Zone, type ZoneSpan } from './zone.js';

/** The moments at which something is to happen, epoch ms. */
export interface Ticks {
  /** The first one after a moment. */
  after(ms: number): number;
}

/** A rhythm that has ticks. */
export type TickRhythm = Exclude<Rhythm, { kind: 'after' }>;

/**
 * The ticks of a rhythm.
 * @param seed what decides the values of `H` in a cron expression
 */
export function ticksOf(rhythm: TickRhythm, seed: string): Ticks {
  if (rhythm.kind === 'every') return everyTicks(rhythm.everyMs);
  return new CronTicks(new Cron(rhythm.cron, seed), Zone.of(rhythm.timezone));
}

/** The last tick at or before `ms`, when `first` is one that is. */
export function lastTick(ticks: Ticks, first: number, ms: number): number {
  // Backwards in growing steps until there is one: ticks may be seconds or years apart.
  for (let stepMs = 60_000; ms - stepMs > first; stepMs *= 4) {
    const found = ticks.after(ms - stepMs);
    if (found <= ms) return walk(ticks, found, ms);
  }
  return walk(ticks, first, ms);
}

function walk(ticks: Ticks, from: number, ms: number): number {
  let last = from;
  for (let next = ticks.after(last); next <= ms; next = ticks.after(last)) last = next;
  return last;
}

function everyTicks(everyMs: number): Ticks {
  return { after: (ms) => (Math.floor(ms / everyMs) + 1) * everyMs };
}

/**
 * Cron on the clocks of a zone. Where the clocks are put forward, fixed times that they leave out happen at the moment
 * of the change. Where they are put back, fixed times happen the first time only. An expression that runs every hour
 * goes by the clock as it is: nothing in the hour that is left out, and both of the hours that come twice.
 */
class CronTicks implements Ticks {
  readonly #cron: Cron;
  readonly #zone: Zone;

  constructor(cron: Cron, zone: Zone) {
    this.#cron = cron;
    this.#zone = zone;
  }

  after(ms: number): number {
    let fromMs = ms;
    let span = this.#zone.spanAt(ms);
    for (;;) {
      const tick = this.#cron.next(this.#wallFrom(fromMs, span)) - span.offsetMs;
      const change = this.#zone.nextSpan(fromMs, tick);
      if (!change) return tick;
      if (this.#isInGap(change)) return change.startMs;
      fromMs = change.startMs - 1;
      span = change;
      // From the last moment before the change, on the clocks of after it.
      const first = this.#cron.next(this.#wallFrom(fromMs, span)) - span.offsetMs;
      if (!this.#zone.nextSpan(change.startMs, first)) return first;
      fromMs = change.startMs;
    }
  }

  /** What the clock shows; for fixed times no earlier than what it had shown before it was put back. */
  #wallFrom(ms: number, span: ZoneSpan): number {
    const wall = ms + span.offsetMs;
    if (!this.#cron.isFixed || span.beforeMs <= span.offsetMs) return wall;
    return Math.max(wall, span.startMs + span.beforeMs - 1);
  }

  #isInGap({ startMs, offsetMs, beforeMs }: ZoneSpan): boolean {
    if (!this.#cron.isFixed || offsetMs <= beforeMs) return false;
    return this.#cron.next(startMs + beforeMs - 1) < startMs + offsetMs;
  }
}
