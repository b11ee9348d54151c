import type { Audit } from './audit/check.js';
import type { Stage } from './conductor/stage.js';
import type { Random } from './random.js';

/** What a run of a scenario is asked for. */
export interface Order {
  readonly jobs: number;
  readonly kills: number;
  /** Of the seed: what is random is drawn from here. */
  readonly random: Random;
  /** Break the protection, so that the audit must fail. */
  readonly sabotage: boolean;
}

/** A number that the command line may set. */
export interface Quantity {
  /** What it counts in this scenario. */
  readonly means: string;
  readonly otherwise: number;
}

/** One way to treat the product badly, and the audit of what came of it. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly jobs: Quantity;
  /** Absent where nothing is to be counted but the jobs. */
  readonly kills?: Quantity;
  /** What `--sabotage` breaks, from outside of the product. */
  readonly sabotage: string;
  /** Arguments of a Redis server of its own; without them the one of `REDIS_URL`, if given, is used. */
  ownServer?(order: Order): readonly string[];
  play(stage: Stage, order: Order): Promise<Audit>;
}
