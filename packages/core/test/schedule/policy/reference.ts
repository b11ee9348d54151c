// A second opinion on ticks that shares nothing with the code under test: it walks through every minute of a year.

/** The ticks of a cron expression of five fields in a year, epoch ms. */
export function referenceTicks(cron: string, year: ReferenceYear): number[] {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ');
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const days = valuesOf(day, 1, 31);
  const months = valuesOf(month, 1, 12);
  const weekdays = new Set([...valuesOf(weekday, 0, 7)].map((value) => value % 7));
  const isMeant = (wallMs: number): boolean => {
    const minuteOfDay = (wallMs / MINUTE_MS) % 1_440;
    if (!minutes.has(minuteOfDay % 60) || !hours.has(Math.floor(minuteOfDay / 60))) return false;
    const wall = new Date(wallMs);
    if (!months.has(wall.getUTCMonth() + 1)) return false;
    const isDay = days.has(wall.getUTCDate());
    const isWeekday = weekdays.has(wall.getUTCDay());
    // As every cron does: with both given, either will do.
    return day !== '*' && weekday !== '*' ? isDay || isWeekday : isDay && isWeekday;
  };
  return hour === '*' ? byTheClock(isMeant, year) : atFixedTimes(isMeant, year);
}

/** Every minute of a year in a zone: the moment, and what the clock shows. */
export interface ReferenceYear {
  readonly startMs: number;
  readonly walls: Float64Array;
}

const MINUTE_MS = 60_000;
const QUARTER = 15;

/** @param zone a zone whose clocks change on quarters of an hour only */
export function referenceYear(year: number, zone: string): ReferenceYear {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const startMs = Date.UTC(year, 0, 1);
  const count = (Date.UTC(year + 1, 0, 1) - startMs) / MINUTE_MS;
  const walls = new Float64Array(count);
  for (let at = 0; at < count; at += QUARTER) {
    const parts = new Map(
      format
        .formatToParts(startMs + at * MINUTE_MS)
        .map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const wall = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
    );
    for (let more = 0; more < QUARTER; more += 1) walls[at + more] = wall + more * MINUTE_MS;
  }
  return { startMs, walls };
}

function byTheClock(
  isMeant: (wall: number) => boolean,
  { startMs, walls }: ReferenceYear,
): number[] {
  const found: number[] = [];
  walls.forEach((wall, at) => {
    if (isMeant(wall)) found.push(startMs + at * MINUTE_MS);
  });
  return found;
}

/** Each time once: when the clock shows it first, or else when it has first gone past it. */
function atFixedTimes(
  isMeant: (wall: number) => boolean,
  { startMs, walls }: ReferenceYear,
): number[] {
  const found: number[] = [];
  let shown = (walls[0] ?? 0) - MINUTE_MS;
  walls.forEach((wall, at) => {
    let isTick = false;
    for (; shown < wall; shown += MINUTE_MS) isTick ||= isMeant(shown + MINUTE_MS);
    if (isTick) found.push(startMs + at * MINUTE_MS);
  });
  return found;
}

function valuesOf(field: string, min: number, max: number): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [first = '', last = first] = range.split('-');
    const from = range === '*' ? min : Number(first);
    const to = range === '*' ? max : Number(last);
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}
