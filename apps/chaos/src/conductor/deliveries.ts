import type { Stage } from './stage.js';

/** Counts the deliveries that BullMQ was given, by its own stream of events. */
export class Deliveries {
  readonly #stage: Stage;
  #seen = '-';

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** BullMQ's ids of the jobs that were added since the last look. */
  async added(): Promise<string[]> {
    const { redis, prefix } = this.#stage;
    const entries = await redis.xrange(`${prefix}:default:events`, this.#seen, '+');
    const last = entries.at(-1)?.[0];
    if (last !== undefined) this.#seen = `(${last}`;
    return entries.flatMap(([, fields]) => {
      const event = fieldOf(fields, 'event');
      return event === 'added' ? [fieldOf(fields, 'jobId') ?? ''] : [];
    });
  }

  /** Takes finished jobs away, as BullMQ's retention does sooner or later. */
  async forget(ids: readonly string[]): Promise<void> {
    const { redis, prefix } = this.#stage;
    await redis.zrem(`${prefix}:default:completed`, ...ids);
    await redis.del(...ids.map((id) => `${prefix}:default:${id}`));
  }
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.indexOf(name);
  return at === -1 ? undefined : fields[at + 1];
}
