import { ManualClock, TypedEmitter } from '@bulletproof/kernel';
import { ScheduleBook } from '../../src/schedule/book.js';
import type { ScheduleEvents } from '../../src/schedule/events.js';
import { Service, type Tick, type TickPort } from '../../src/schedule/internal.js';
import { resolveSchedule } from '../../src/schedule/options.js';
import type { ScheduleStore } from '../../src/schedule/store.js';
import { MemoryScheduleStore } from '../../src/schedule/stores/memory.js';

export const T0 = Date.UTC(2026, 0, 1);
export const NAME = 'simulated';

/** Where a process dies: at which of its commands, and whether that one still got through. */
export interface Death {
  readonly at: number;
  readonly isDone: boolean;
}

/** A run of a tick in the simulation. */
export interface SimulatedRun {
  readonly tick: number;
  readonly startMs: number;
  endMs: number | undefined;
  isCancelled: boolean;
}

/** Schedules, runs and processes that die on command, all on one clock that is moved by hand. */
export class Simulation implements TickPort {
  readonly clock = new ManualClock(T0);
  readonly store: ScheduleStore = new MemoryScheduleStore(() => this.clock.nowMs());
  readonly runs: SimulatedRun[] = [];
  /** Runs whose tick had been run and was enqueued again as if it were new. */
  readonly doubled: number[] = [];
  readonly dropped: { readonly reason: string; readonly ticks: number }[] = [];
  /** Commands of the process that was started last. */
  commands = 0;
  readonly #durationMs: number;
  #process: Service;

  constructor(options: { readonly durationMs: number; readonly death?: Death | undefined }) {
    this.#durationMs = options.durationMs;
    this.#process = this.#start(options.death);
  }

  async declare(options: Record<string, unknown>): Promise<void> {
    const schedule = resolveSchedule('simulated', options);
    await new ScheduleBook(this.store).declare(NAME, {
      job: 'job',
      queue: 'default',
      isDeclared: false,
      schedule,
      template: null,
    });
  }

  /** Lets time pass in steps of half a second, with a process at work; one that died is followed by another. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      this.clock.advance(500);
      const hasEnded = this.#endRuns();
      try {
        if (hasEnded) await this.#process.serveEnded(NAME);
        const { names } = await this.store.findDue(10);
        for (const name of names) await this.#process.serve(name);
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        this.#process = this.#start(undefined);
      }
    }
  }

  async enqueue({ at: tick }: Tick): Promise<{ readonly id: string; readonly isNew: boolean }> {
    const isNew = !this.runs.some((run) => run.tick === tick);
    if (isNew) {
      const startMs = this.clock.nowMs();
      this.runs.push({ tick, startMs, endMs: undefined, isCancelled: false });
    }
    return { id: String(tick), isNew };
  }

  async look({ at: tick }: Tick) {
    const run = this.runs.find((one) => one.tick === tick);
    return { isGoing: run !== undefined && run.endMs === undefined, endedMs: run?.endMs };
  }

  async cancel({ at: tick }: Tick): Promise<void> {
    const run = this.runs.find((one) => one.tick === tick);
    if (!run || run.endMs !== undefined) return;
    run.endMs = this.clock.nowMs();
    run.isCancelled = true;
  }

  #endRuns(): boolean {
    const now = this.clock.nowMs();
    const ended = this.runs.filter(
      ({ endMs, startMs }) => endMs === undefined && startMs + this.#durationMs <= now,
    );
    for (const run of ended) run.endMs = now;
    return ended.length > 0;
  }

  #start(death: Death | undefined): Service {
    this.commands = 0;
    const events = new TypedEmitter<ScheduleEvents>();
    events.on('schedule.skipped', ({ reason, ticks }) => this.dropped.push({ reason, ticks }));
    const mortal = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (_, name) => async (argument: unknown) => {
          const at = this.commands;
          this.commands += 1;
          if (death && (at > death.at || (at === death.at && !death.isDone))) throw new Died();
          const method = Reflect.get(target, name) as (argument: unknown) => Promise<unknown>;
          const reply = await method.call(target, argument);
          if (death && at === death.at) throw new Died();
          return reply;
        },
      });
    const { clock } = this;
    return new Service({
      store: mortal(this.store),
      port: mortal({
        enqueue: (tick: Tick) => this.enqueue(tick),
        look: (tick: Tick) => this.look(tick),
        cancel: (tick: Tick) => this.cancel(tick),
      }),
      events,
      clock,
    });
  }
}

class Died extends Error {}
