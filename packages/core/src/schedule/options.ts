import {
  checkOptions,
  checkTogether,
  type Duration,
  InvalidOptionError,
  MAX_DURATION_MS,
  type Rule,
  refuseOption,
  rule,
} from '@bulletproof/kernel';
import { label } from '../job/internal.js';
import { Cron } from './policy/cron.js';
import { isTimeZone } from './policy/zone.js';

/** What becomes of ticks that nobody was there for: dropped, one run for all of them, or a run each. */
export type MisfirePolicy = 'skip' | 'once' | 'all';

/** What becomes of a tick while the run before it is still going: dropped, put behind it, or put in its place. */
export type OverlapPolicy = 'skip' | 'queue' | 'cancel';

/** What schedules with ticks have in common. */
export interface TickOptions {
  /** For ticks that nobody was there for. @default 'once' */
  readonly misfire?: MisfirePolicy;
  /** With `misfire: 'all'`: ticks missed longer ago are dropped. @default '1h' */
  readonly misfireWindow?: Duration;
  /** For a tick while the run before it is still going. @default 'skip' */
  readonly overlap?: OverlapPolicy;
  /** A tick that is enqueued later than this is told with `schedule.late`. @default '1m' */
  readonly lateAfter?: Duration;
}

/** At the times of a cron expression. */
export interface CronSchedule extends TickOptions {
  /** Five fields, or six with seconds first, or an alias such as `@daily`, as cron-parser reads them. */
  readonly cron: string;
  /** IANA name of a time zone; never the process's own. @default 'UTC' */
  readonly timezone?: string;
  readonly every?: undefined;
  readonly after?: undefined;
}

/** At a fixed rate. */
export interface EverySchedule extends TickOptions {
  /** At least 1 s; ticks are its multiples since the Unix epoch. */
  readonly every: Duration;
  readonly cron?: undefined;
  readonly timezone?: undefined;
  readonly after?: undefined;
}

/** Again and again, with a pause after each end. */
export interface AfterSchedule extends Pick<TickOptions, 'lateAfter'> {
  /** From the end of a run, however it ended, to the next one. The first comes at once. */
  readonly after: Duration;
  readonly cron?: undefined;
  readonly timezone?: undefined;
  readonly every?: undefined;
  readonly misfire?: undefined;
  readonly misfireWindow?: undefined;
  readonly overlap?: undefined;
}

/** When a call is to be enqueued. */
export type ScheduleOptions = CronSchedule | EverySchedule | AfterSchedule;

/** What `@Schedule` takes: when, and what the job is called with. */
export type DeclaredScheduleOptions = ScheduleOptions & {
  /** Unique in the app; 1 to 256 characters, no control characters. @default the job's name */
  readonly name?: string;
  /** Input of every run; JSON data. @default none */
  readonly input?: unknown;
};

/** When something happens, durations in ms. */
export type Rhythm =
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string }
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'after'; readonly afterMs: number };

/** A schedule after the checks: every option decided, durations in ms. */
export interface ResolvedSchedule {
  readonly rhythm: Rhythm;
  readonly misfire: MisfirePolicy;
  readonly misfireWindowMs: number;
  readonly overlap: OverlapPolicy;
  readonly lateAfterMs: number;
}

const MIN_EVERY_MS = 1_000;
const MAX_CRON_LENGTH = 256;

const timezone: Rule<string> = rule.matching(
  "the IANA name of a time zone, such as 'Europe/Berlin'",
  isTimeZone,
);

const cronText: Rule<string> = (value, path) => {
  if (typeof value !== 'string' || value.length > MAX_CRON_LENGTH) {
    refuseOption(path, 'a cron expression', value);
  }
  const problem = Cron.problemOf(value);
  if (problem !== undefined) refuseOption(path, `a cron expression (${problem})`, value);
  return value.trim().replace(/\s+/g, ' ');
};

const RULES = {
  cron: rule.optional(cronText),
  timezone: rule.optional(timezone),
  every: rule.optional(rule.duration({ min: MIN_EVERY_MS, max: MAX_DURATION_MS })),
  after: rule.optional(rule.duration({ min: 1, max: MAX_DURATION_MS })),
  misfire: rule.optional(rule.oneOf(['skip', 'once', 'all'])),
  misfireWindow: rule.optional(rule.duration()),
  overlap: rule.optional(rule.oneOf(['skip', 'queue', 'cancel'])),
  lateAfter: rule.defaulted(rule.duration(), 60_000),
};

const DECLARED_RULES = {
  ...RULES,
  name: rule.optional(label),
  input: (value: unknown): unknown => value,
};

type CheckedSchedule = { [K in keyof typeof RULES]: ReturnType<(typeof RULES)[K]> };

/**
 * Checks when a call is to be enqueued.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveSchedule(where: string, options: unknown): ResolvedSchedule {
  return resolve(where, checkOptions(where, options, RULES));
}

/**
 * Checks what `@Schedule` was given.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveDeclaredSchedule(
  where: string,
  options: unknown,
): {
  readonly name: string | undefined;
  readonly input: unknown;
  readonly schedule: ResolvedSchedule;
} {
  const { name, input, ...rest } = checkOptions(where, options, DECLARED_RULES);
  return { name, input, schedule: resolve(where, rest) };
}

function resolve(where: string, checked: CheckedSchedule): ResolvedSchedule {
  const { misfire = 'once', overlap = 'skip' } = checked;
  const rhythm = rhythmOf(where, checked);
  const hasTicks = rhythm.kind !== 'after';
  checkTogether(where, checked, [
    {
      option: 'timezone',
      expected: 'none without cron',
      holds: ({ timezone: zone }) => zone === undefined || rhythm.kind === 'cron',
    },
    {
      option: 'misfire',
      expected: 'none with after, which has no ticks to miss',
      holds: (given) => given.misfire === undefined || hasTicks,
    },
    {
      option: 'overlap',
      expected: 'none with after, whose runs never meet',
      holds: (given) => given.overlap === undefined || hasTicks,
    },
    {
      option: 'misfireWindow',
      expected: "none without misfire: 'all'",
      holds: ({ misfireWindow }) => misfireWindow === undefined || misfire === 'all',
    },
  ]);
  return Object.freeze({
    rhythm,
    misfire,
    misfireWindowMs: checked.misfireWindow ?? 3_600_000,
    overlap,
    lateAfterMs: checked.lateAfter,
  });
}

function rhythmOf(where: string, { cron, timezone: zone, every, after }: CheckedSchedule): Rhythm {
  const given = [cron, every, after].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new InvalidOptionError({
      option: where,
      expected: 'exactly one of cron, every and after',
      received: given.length === 0 ? 'none' : `${given.length} of them`,
    });
  }
  if (cron !== undefined) return { kind: 'cron', cron, timezone: zone ?? 'UTC' };
  if (every !== undefined) return { kind: 'every', everyMs: every };
  return { kind: 'after', afterMs: after ?? 0 };
}
