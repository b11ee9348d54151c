import type { AnyJobReference, Bulletproof, Duration } from '@bulletproof/core';
import { checkOptions, rule, systemClock } from '@bulletproof/kernel';
import { type Logger, pino } from 'pino';
import { type Database, database, transact } from './database.js';
import { jobsByName, type Relayed, relayBatch } from './relay-batch.js';
import { WakeUps } from './wake-ups.js';

/** How a relay is set up. */
export interface OutboxRelayOptions {
  /** Into which calls are enqueued. */
  readonly app: Bulletproof;
  /**
   * Jobs that are not registered in this app, such as in a process that relays and runs none: references from `defineJob`
   * or `jobsOf`. @default none
   */
  readonly jobs?: readonly AnyJobReference[];
  /** A `pg.Pool` (a relay takes two of its connections) or a PGlite. */
  readonly database: Database;
  /** Most rows of one transaction. @default 500 */
  readonly batch?: number;
  /** How often it looks without being told. @default '1s' */
  readonly pollEvery?: Duration;
  /** A pino logger. @default one of level 'warn' on standard output */
  readonly logger?: Logger;
}

const RULES = {
  app: rule.matching(
    'a Bulletproof app',
    (value): value is Bulletproof =>
      typeof value === 'object' &&
      value !== null &&
      typeof Reflect.get(value, 'enqueueMany') === 'function',
  ),
  jobs: rule.defaulted(
    rule.matching(
      'an array of references from defineJob or jobsOf',
      (value): value is readonly AnyJobReference[] =>
        Array.isArray(value) && value.every((job) => typeof job === 'function' && 'name' in job),
    ),
    [],
  ),
  database,
  batch: rule.defaulted(rule.integer({ min: 1, max: 10_000 }), 500),
  pollEvery: rule.defaulted(rule.duration({ min: 10, max: 3_600_000 }), 1_000),
  logger: rule.optional(
    rule.matching(
      'a pino logger',
      (value): value is Logger =>
        typeof value === 'object' && value !== null && 'child' in value && 'warn' in value,
    ),
  ),
};

const BACK_OFF_MS = { first: 100, most: 5_000 };

/** What a relay has done since it was made. */
export interface RelayTotals {
  readonly enqueued: number;
  readonly deduplicated: number;
  readonly refused: number;
  readonly batches: number;
}

/**
 * Brings calls from the outbox to their queues: as soon as their transaction has committed, each at least once into Redis
 * and exactly once into the app, since its id goes with it. Any number of relays share the work.
 */
export class OutboxRelay {
  readonly #options: ReturnType<typeof resolve>;
  readonly #closing = new AbortController();
  readonly #wakeUps: WakeUps;
  #totals: RelayTotals = { enqueued: 0, deduplicated: 0, refused: 0, batches: 0 };
  #running: Promise<void> | undefined;
  #awake: (() => void) | undefined;
  #isTold = false;

  /** @throws InvalidOptionError (`INVALID_OPTION`) */
  constructor(options: OutboxRelayOptions) {
    this.#options = resolve(options);
    const { logger } = this.#options;
    this.#wakeUps = new WakeUps({
      database: this.#options.database,
      wake: () => this.#wake(),
      logger,
    });
  }

  /** What it has done so far. */
  get totals(): RelayTotals {
    return this.#totals;
  }

  /** Begins to relay; a second time does nothing. */
  start(): this {
    this.#running ??= this.#run();
    return this;
  }

  /**
   * Relays one batch now, whether started or not.
   * @throws RedisUnavailableError (`REDIS_UNAVAILABLE`), MissingMigrationError (`MISSING_MIGRATION`), or what the client throws; no row is lost
   */
  async relay(): Promise<Relayed> {
    const { app, jobs, database: db, batch, logger } = this.#options;
    const relayed = await transact(db, (tx) => relayBatch(tx, { app, jobs, limit: batch }));
    for (const { id, error } of relayed.refused) {
      logger.error({ callId: id, err: error }, 'the app refuses a call of the outbox for good');
    }
    for (const { id, error } of relayed.postponed) {
      logger.warn(
        { callId: id, err: error },
        'a call of the outbox waits for an app that knows it',
      );
    }
    if (relayed.taken > 0) this.#add(relayed);
    return relayed;
  }

  /** Ends after the batch that is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
    await this.#wakeUps.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let pauseMs = BACK_OFF_MS.first;
    while (!signal.aborted) {
      this.#isTold = false;
      try {
        await this.#wakeUps.listen();
        const { taken } = await this.relay();
        pauseMs = BACK_OFF_MS.first;
        if (taken === 0) await this.#untilWoken(this.#options.pollEvery);
      } catch (error) {
        this.#options.logger.warn({ err: error, retryInMs: pauseMs }, 'a batch was not relayed');
        await systemClock.sleep(pauseMs, signal).catch(() => {}); // closing
        pauseMs = Math.min(pauseMs * 2, BACK_OFF_MS.most);
      }
    }
  }

  async #untilWoken(ms: number): Promise<void> {
    if (this.#isTold || this.#closing.signal.aborted) return;
    await new Promise<void>((resolveWait) => {
      const timer = systemClock.setTimer(ms, resolveWait);
      this.#awake = () => {
        timer.cancel();
        resolveWait();
      };
    });
    this.#awake = undefined;
  }

  #wake(): void {
    this.#isTold = true;
    this.#awake?.();
  }

  #add({ enqueued, deduplicated, refused }: Relayed): void {
    const before = this.#totals;
    this.#totals = {
      enqueued: before.enqueued + enqueued,
      deduplicated: before.deduplicated + deduplicated,
      refused: before.refused + refused.length,
      batches: before.batches + 1,
    };
  }
}

function resolve(options: OutboxRelayOptions) {
  const checked = checkOptions('OutboxRelay', options, RULES);
  const logger = checked.logger ?? pino({ name: 'bulletproof-outbox', level: 'warn' });
  return { ...checked, jobs: jobsByName(checked.jobs), logger };
}
