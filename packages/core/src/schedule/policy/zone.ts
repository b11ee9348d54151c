const DAY_MS = 86_400_000;

/** A span of time in which a zone's clocks do not change. */
export interface ZoneSpan {
  /** The change it begins with, epoch ms; -Infinity when there was none near. */
  readonly startMs: number;
  /** What is added to UTC to get the zone's time, ms. */
  readonly offsetMs: number;
  /** The offset before that change; the same when there was none. */
  readonly beforeMs: number;
}

/** A change of a zone's clocks. */
interface Change {
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A span, and the part of it that is known to be one. */
interface Known {
  readonly span: ZoneSpan;
  readonly fromMs: number;
  readonly toMs: number;
}

const NOWHERE: ZoneSpan = { startMs: 0, offsetMs: 0, beforeMs: 0 };

/** Whether the runtime knows a time zone of this name. Offsets such as `+02:00` are none: they differ between versions of Node. */
export function isTimeZone(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[A-Za-z][\w+/-]*$/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** The clock changes of one time zone, as the runtime's own data has them. */
export class Zone {
  static readonly #known = new Map<string, Zone>();
  readonly #format: Intl.DateTimeFormat;
  readonly #years = new Map<number, readonly Change[]>();
  #last: Known = { span: NOWHERE, fromMs: Number.POSITIVE_INFINITY, toMs: 0 };

  private constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  /** The zone of this name; what is known of it is kept, for reading offsets is slow. */
  static of(name: string): Zone {
    const zone = Zone.#known.get(name) ?? new Zone(name);
    Zone.#known.set(name, zone);
    return zone;
  }

  /** The span that a moment is in. */
  spanAt(ms: number): ZoneSpan {
    // Ticks are asked for in order: the last answer is nearly always this one, too.
    if (ms < this.#last.fromMs || ms >= this.#last.toMs) this.#last = this.#findSpan(ms);
    return this.#last.span;
  }

  /** The span that begins after `fromMs` and at or before `untilMs`; undefined when the clocks do not change by then. */
  nextSpan(fromMs: number, untilMs: number): ZoneSpan | undefined {
    if (fromMs >= this.#last.fromMs && untilMs < this.#last.toMs) return undefined;
    for (let year = yearOf(fromMs); year <= yearOf(untilMs); year += 1) {
      const change = this.#changesIn(year).find(({ atMs }) => atMs > fromMs);
      if (!change) continue;
      if (change.atMs > untilMs) return undefined;
      return { startMs: change.atMs, offsetMs: change.toMs, beforeMs: change.fromMs };
    }
    return undefined;
  }

  #findSpan(ms: number): Known {
    const year = yearOf(ms);
    // Of the year before, too: a change is of interest while clocks still show times of before it.
    const near = [...this.#changesIn(year - 1), ...this.#changesIn(year)];
    const toMs = near.find(({ atMs }) => atMs > ms)?.atMs ?? Date.UTC(year + 1, 0);
    const last = near.findLast(({ atMs }) => atMs <= ms);
    if (last) {
      const span = { startMs: last.atMs, offsetMs: last.toMs, beforeMs: last.fromMs };
      return { span, fromMs: last.atMs, toMs };
    }
    const offsetMs = this.#offsetAt(ms);
    const span = { startMs: Number.NEGATIVE_INFINITY, offsetMs, beforeMs: offsetMs };
    return { span, fromMs: Date.UTC(year, 0), toMs };
  }

  #changesIn(year: number): readonly Change[] {
    const known = this.#years.get(year);
    if (known) return known;
    const changes: Change[] = [];
    const endMs = Date.UTC(year + 1, 0);
    let offsetMs = this.#offsetAt(Date.UTC(year, 0) - 1);
    for (let fromMs = Date.UTC(year, 0) - 1; fromMs < endMs - 1; ) {
      const toMs = Math.min(fromMs + DAY_MS, endMs - 1);
      const later = this.#offsetAt(toMs);
      if (later !== offsetMs) {
        changes.push({ atMs: this.#changeIn(fromMs, toMs), fromMs: offsetMs, toMs: later });
        offsetMs = later;
      }
      fromMs = toMs;
    }
    this.#years.set(year, changes);
    return changes;
  }

  /** The first moment of the new offset. */
  #changeIn(fromMs: number, toMs: number): number {
    const before = this.#offsetAt(fromMs);
    let [low, high] = [fromMs, toMs];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  #offsetAt(ms: number): number {
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(this.#format.format(ms)) ?? [];
    if (sign === undefined) return 0;
    const size = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
    return sign === '-' ? -size : size;
  }
}

function yearOf(ms: number): number {
  return new Date(ms).getUTCFullYear();
}
