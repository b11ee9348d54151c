import type { Stage } from './stage.js';

/** An event of BullMQ. */
export interface BullEvent {
  readonly entry: string;
  readonly event: string;
  /** Of the job. */
  readonly id: string;
}

/** BullMQ's own stream of events, of which it keeps about the newest 10,000; `after` is an entry of it. */
export async function eventsOf({ redis, prefix }: Stage, after?: string): Promise<BullEvent[]> {
  const from = after === undefined ? '-' : `(${after}`;
  const entries = await redis.xrange(`${prefix}:default:events`, from, '+');
  return entries.map(([entry, fields]) => ({
    entry,
    event: fieldOf(fields, 'event'),
    id: fieldOf(fields, 'jobId'),
  }));
}

/** Counts the deliveries that BullMQ was given. */
export class Deliveries {
  readonly #stage: Stage;
  #seen: string | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** BullMQ's ids of the jobs that were added since the last look. */
  async added(): Promise<string[]> {
    const events = await eventsOf(this.#stage, this.#seen);
    this.#seen = events.at(-1)?.entry ?? this.#seen;
    return events.flatMap(({ event, id }) => (event === 'added' ? [id] : []));
  }

  /** Takes finished jobs away, as BullMQ's retention does sooner or later. */
  async forget(ids: readonly string[]): Promise<void> {
    const { redis, prefix } = this.#stage;
    await redis.zrem(`${prefix}:default:completed`, ...ids);
    await redis.del(...ids.map((id) => `${prefix}:default:${id}`));
  }
}

function fieldOf(fields: readonly string[], name: string): string {
  const at = fields.indexOf(name);
  return at === -1 ? '' : (fields[at + 1] ?? '');
}
