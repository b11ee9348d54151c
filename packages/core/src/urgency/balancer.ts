import type { Lane } from './options.js';
import { limitsOf } from './policy/share.js';

/** What a queue's worker tells of itself and can be told. */
export interface LanePort {
  /** Runs that have a slot. */
  readonly busy: number;
  /** The last look found no work. */
  readonly isDrained: boolean;
  /** A look is under way, or waits for work to come. */
  readonly isLooking: boolean;
  /** Sets how many slots it may use; it takes more at once, and gives back as runs end. */
  setLimit(slots: number): void;
}

/** A queue and its slots, as `worker.status()` shows them. */
export interface LaneView {
  readonly queue: string;
  /** Slots that it may use now. */
  readonly slots: number;
  /** Runs at work. */
  readonly busy: number;
  /** Runs at work in slots above its reserve. */
  readonly lent: number;
}

/** Shares a worker's slots among its queues: decides anew whenever a run begins or ends, or a queue is found empty. */
export class Balancer {
  readonly #lanes: readonly (Lane & { readonly port: LanePort })[];
  readonly #spare: number;
  #limits: number[];

  constructor(lanes: readonly (Lane & { readonly port: LanePort })[], spare: number) {
    this.#lanes = lanes;
    this.#spare = spare;
    this.#limits = lanes.map(() => 0);
    this.changed();
  }

  /** Slots of all queues together. */
  get slots(): number {
    return this.#lanes.reduce((sum, { reserve }) => sum + reserve, this.#spare);
  }

  /** Something changed at one of the queues. */
  changed(): void {
    if (this.#spare === 0 && this.#limits.every((limit) => limit > 0)) return;
    const states = this.#lanes.map(({ reserve, weight, port }) => ({
      reserve,
      weight,
      taken: port.busy + (port.isLooking ? 1 : 0),
      wants: port.isDrained ? (port.isLooking ? 0 : 1) : Number.POSITIVE_INFINITY,
    }));
    const limits = limitsOf(states, this.#spare);
    for (const [at, { port }] of this.#lanes.entries()) {
      const limit = limits[at] ?? 1;
      if (limit === this.#limits[at]) continue;
      this.#limits[at] = limit;
      port.setLimit(limit);
    }
  }

  /** The queues and their slots now. */
  view(): LaneView[] {
    return this.#lanes.map(({ queue, reserve, port }, at) => ({
      queue,
      slots: this.#limits[at] ?? reserve,
      busy: port.busy,
      lent: Math.max(0, port.busy - reserve),
    }));
  }
}
