import type { Clock, ClockTimer } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { Service } from './serve.js';
import type { ScheduleStore } from './store.js';

/** The longest between two looks; a schedule that was made elsewhere is found by then, should nobody tell of it. */
const LOOK_EVERY_MS = 5_000;
/** Share of it that is added at random, so that a fleet's workers do not ask as one. */
const JITTER = 0.1;
/** After trouble. */
const RETRY_MS = 1_000;
/** Most schedules that are served at once. */
const AT_ONCE = 32;

/** What a timekeeper works with. */
export interface TimekeeperParts {
  readonly store: ScheduleStore;
  readonly service: Service;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Called once, when there is a schedule for the first time. */
  readonly onSchedules: () => void;
}

/** Serves the app's schedules from one worker: sleeps until there is something to do, and looks from time to time. */
export class Timekeeper {
  readonly #parts: TimekeeperParts;
  readonly #ended = new Set<string>();
  #timer: ClockTimer | undefined;
  #turn: Promise<void> | undefined;
  #isPoked = false;
  #isClosed = false;
  #hasSchedules = false;

  constructor(parts: TimekeeperParts) {
    this.#parts = parts;
  }

  /** Looks now, and goes on until it is closed. */
  start(): void {
    this.#go();
  }

  /** Something changed: look at once. */
  poke(): void {
    if (this.#isClosed) return;
    if (this.#turn) this.#isPoked = true;
    else this.#go();
  }

  /** A run of this schedule has ended. */
  ended(name: string): void {
    this.#ended.add(name);
    this.poke();
  }

  /** Ends it; what is under way is finished. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#turn;
  }

  #go(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#turn = this.#look().then((sleepMs) => {
      this.#turn = undefined;
      if (this.#isClosed) return;
      if (this.#isPoked) {
        this.#isPoked = false;
        this.#go();
        return;
      }
      this.#timer = this.#parts.clock.setTimer(sleepMs, () => this.#go());
    });
  }

  /** Never rejects: what could not be served now is served later, perhaps by another worker. */
  async #look(): Promise<number> {
    const { store, clock, random, logger } = this.#parts;
    const longestMs = LOOK_EVERY_MS * (1 + JITTER * random());
    try {
      await this.#serveEnded();
      for (;;) {
        const askedAt = clock.monotonicMs();
        const { names, nowMs, nextMs, total } = await store.findDue(AT_ONCE);
        if (total > 0 && !this.#hasSchedules) {
          this.#hasSchedules = true;
          this.#parts.onSchedules();
        }
        if (names.length === 0 || this.#isClosed) {
          const restMs = (nextMs ?? Number.POSITIVE_INFINITY) - nowMs;
          return Math.max(1, Math.min(longestMs, restMs - (clock.monotonicMs() - askedAt)));
        }
        const served = await Promise.all(names.map((name) => this.#serve(name, false)));
        if (served.includes(false)) return RETRY_MS;
      }
    } catch (error) {
      if (!this.#isClosed) logger.warn({ err: error }, 'schedules could not be looked at');
      return longestMs;
    }
  }

  async #serveEnded(): Promise<void> {
    const names = [...this.#ended];
    this.#ended.clear();
    await Promise.all(names.map((name) => this.#serve(name, true)));
  }

  async #serve(name: string, hasEnded: boolean): Promise<boolean> {
    const { service, logger } = this.#parts;
    try {
      await (hasEnded ? service.serveEnded(name) : service.serve(name));
      return true;
    } catch (error) {
      logger.warn(
        { err: error, schedule: name },
        'a schedule could not be served; it is tried again',
      );
      return false;
    }
  }
}
