import type { Clock, ClockTimer } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { Doctor } from './doctor.js';

/** Between two looks at whose turn it is. */
const LOOK_EVERY_MS = 20_000;
/** Share of it that is added at random, so that a fleet's workers do not ask as one. */
const JITTER = 0.1;
/** A turn that was taken keeps the others away for this long; with the look after it, less than a minute. */
export const TURN_MS = 25_000;
/** A call admitted more lately is given time: its producer may be between transition and add. */
const GRACE_MS = 10_000;

/** What rounds work with. */
export interface RoundsParts {
  readonly doctor: Doctor;
  /** True when the next pass is this process's. */
  readonly takeTurn: (everyMs: number) => Promise<boolean>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** The doctor's rounds over the whole app: every worker asks for the next one, one gets it. */
export class Rounds {
  readonly #parts: RoundsParts;
  readonly #closing = new AbortController();
  #timer: ClockTimer | undefined;
  #round: Promise<void> | undefined;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
    this.#next();
  }

  /** Ends the rounds; one that is under way stops at its next page. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#timer?.cancel();
    await this.#round;
  }

  #next(): void {
    if (this.#closing.signal.aborted) return;
    const { clock, random } = this.#parts;
    this.#timer = clock.setTimer(LOOK_EVERY_MS * (1 + JITTER * random()), () => {
      this.#round = this.#go().finally(() => this.#next());
    });
  }

  /** Never rejects: what could not be mended now waits for the next round, which may be another worker's. */
  async #go(): Promise<void> {
    const { doctor, takeTurn, clock, logger } = this.#parts;
    const { signal } = this.#closing;
    try {
      if (!(await takeTurn(TURN_MS))) return;
      const { repairs, ...report } = await doctor.pass(clock.nowMs() - GRACE_MS, signal);
      const level = repairs.length > 0 ? 'warn' : 'debug';
      logger[level](report, 'the doctor made a round');
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ err: error }, 'a round of the doctor was broken off; the next one goes on');
    }
  }
}
