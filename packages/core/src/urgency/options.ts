import { checkOptions, InvalidOptionError, type Rule, rule } from '@bulletproof/kernel';

/** A queue among those that share a worker's slots. */
export interface LaneOptions {
  /** Slots that no other queue gets; at least 1. @default 1 */
  readonly reserve?: number;
  /** Its part of what is above the reserves, against the other queues that have work; 1 to 1,000. @default 1 */
  readonly weight?: number;
}

/** How a worker works. */
export interface WorkOptions {
  /** Slots that the queues share. Without it each queue has slots of its own. */
  readonly concurrency?: number;
  /**
   * The queues that this worker works; one not named here is left alone. Without `concurrency` their slots, with it
   * what they have of it. @default all, 5 slots each; with `concurrency` all, a reserve of 1 each
   */
  readonly queues?: Readonly<Record<string, number | LaneOptions>>;
}

/** A queue of a worker: its slots, or its part of the shared ones. */
export interface Lane {
  readonly queue: string;
  /** Slots that are its own. */
  readonly reserve: number;
  readonly weight: number;
}

/** What a worker works, all decided. */
export interface ResolvedWork {
  readonly lanes: readonly Lane[];
  /** Slots above the reserves, for whoever has work. */
  readonly spare: number;
}

const SLOTS = 5;
const slots = rule.integer({ min: 1, max: 10_000 });
const LANE_RULES = {
  reserve: rule.defaulted(slots, 1),
  weight: rule.defaulted(rule.integer({ min: 1, max: 1_000 }), 1),
};

/**
 * Checks what a worker is asked to work.
 * @throws InvalidOptionError `INVALID_OPTION` for a queue that the app does not have, no slots, or reserves above `concurrency`
 */
export function resolveWork(options: WorkOptions, queues: readonly string[]): ResolvedWork {
  const { concurrency, queues: given } = checkOptions('work', options, {
    concurrency: rule.optional(slots),
    queues: (value: unknown) => value,
  });
  const path = 'work.queues';
  const lanes =
    concurrency === undefined
      ? lanesOf(queues, given ?? fill(queues, SLOTS), path, (value, at) => ({
          reserve: slots(value, at),
          weight: 1,
        }))
      : lanesOf(queues, given ?? fill(queues, {}), path, rule.nested(LANE_RULES));
  if (lanes.length === 0) {
    throw new InvalidOptionError({
      option: path,
      expected: `at least one of ${queues.join(', ')}`,
      received: 'none',
    });
  }
  const reserved = lanes.reduce((sum, { reserve }) => sum + reserve, 0);
  if (concurrency !== undefined && reserved > concurrency) {
    throw new InvalidOptionError({
      option: 'work.concurrency',
      expected: `at least ${reserved}, for that is what the queues reserve`,
      received: String(concurrency),
    });
  }
  return { lanes, spare: concurrency === undefined ? 0 : concurrency - reserved };
}

function lanesOf(
  queues: readonly string[],
  given: unknown,
  path: string,
  lane: Rule<Omit<Lane, 'queue'>>,
): readonly Lane[] {
  const known = Object.fromEntries(queues.map((name) => [name, rule.optional(lane)]));
  const checked = checkOptions(path, given, known);
  return queues.flatMap((queue) => {
    const found = checked[queue];
    return found === undefined ? [] : [{ queue, ...found }];
  });
}

function fill<T>(queues: readonly string[], value: T): Readonly<Record<string, T>> {
  return Object.fromEntries(queues.map((name) => [name, value]));
}
