import { type CronExpression, CronExpressionParser } from 'cron-parser';

const DAY_MS = 86_400_000;

/**
 * The times on a clock that a cron expression means, without a time zone: «wall time» is what the clock shows, written
 * as if it were UTC. cron-parser reads the expression and finds the days; the times of a day are looked up here, which
 * is a hundred times as fast.
 */
export class Cron {
  /** The expression names times of the day; false when it runs every hour, and so follows the clock as it is. */
  readonly isFixed: boolean;
  readonly #days: CronExpression;
  readonly #hours: readonly number[];
  readonly #minutes: readonly number[];
  readonly #seconds: readonly number[];
  /** The last answer about days: no day from the first up to the second. */
  #asked = Number.NaN;
  #found = Number.NaN;

  /**
   * @param text five or six fields, or an alias
   * @param seed what decides the values of `H`
   * @throws Error for what cron-parser refuses
   */
  constructor(text: string, seed: string) {
    const { fields } = parse(text, seed);
    this.#hours = fields.hour.values;
    this.#minutes = fields.minute.values;
    this.#seconds = fields.second.values;
    this.isFixed = this.#hours.length < 24;
    this.#days = dayExpression(text, seed);
  }

  /** What is wrong with an expression, in words; undefined when nothing is. */
  static problemOf(text: string): string | undefined {
    const count = text.trim().split(/\s+/).length;
    const isAlias = /^\s*@\w+\s*$/.test(text);
    if (!isAlias && count !== 5 && count !== 6) return `five or six fields; it has ${count}`;
    try {
      // A day that never comes is only found by looking for it.
      new Cron(text, 'seed').next(Date.UTC(2026, 0));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : 'not readable';
    }
  }

  /** The first of its times after a wall time. */
  next(wallMs: number): number {
    const day = Math.floor(wallMs / DAY_MS);
    const today = this.#dayFrom(day);
    if (today === day) {
      const ms = this.#timeAfter(wallMs - day * DAY_MS);
      if (ms !== undefined) return day * DAY_MS + ms;
    }
    const later = today > day ? today : this.#dayFrom(day + 1);
    return later * DAY_MS + (this.#timeAfter(-1) ?? 0);
  }

  /** Its first time of a day after that many ms of it. */
  #timeAfter(ms: number): number | undefined {
    const after = Math.floor(ms / 1_000);
    for (const hour of this.#hours) {
      if ((hour + 1) * 3_600 <= after) continue;
      for (const minute of this.#minutes) {
        const start = hour * 3_600 + minute * 60;
        if (start + 59 <= after) continue;
        const second = this.#seconds.find((each) => start + each > after);
        if (second !== undefined) return (start + second) * 1_000;
      }
    }
    return undefined;
  }

  /** Its first day that is at or after a day, both as days since 1970. */
  #dayFrom(day: number): number {
    if (!(this.#asked <= day && day <= this.#found)) {
      this.#days.reset(new Date(day * DAY_MS - 1));
      this.#asked = day;
      this.#found = Math.floor(this.#days.next().getTime() / DAY_MS);
    }
    return this.#found;
  }
}

function parse(text: string, seed: string): CronExpression {
  return CronExpressionParser.parse(text, { tz: 'UTC', hashSeed: seed });
}

/** Midnights of the days that an expression means. */
function dayExpression(text: string, seed: string): CronExpression {
  const fields = text.trim().split(/\s+/);
  if (fields.length === 1) {
    const days = parse(text, seed).stringify(true).split(' ').slice(3);
    return parse(`0 0 0 ${days.join(' ')}`, seed);
  }
  return parse(`0 0 0 ${fields.slice(-3).join(' ')}`, seed);
}
