import { type Random, seededRandom } from '../seeded-random.js';
import { FaultPlan } from './protocol.js';

/** What happens to one request. */
export interface Fate {
  latencyMs: number;
  fault: 'none' | 'error' | 'cut' | 'double';
}

/** Draws the fate of each request from the plan that is switched on. */
export class Faults {
  private plan: FaultPlan = FaultPlan.parse({});
  private random: Random = seededRandom(this.plan.seed);

  /** Replaces the plan and starts its row of random numbers anew. */
  switch(plan: FaultPlan): void {
    this.plan = plan;
    this.random = seededRandom(plan.seed);
  }

  /** The plan in force. */
  get current(): FaultPlan {
    return this.plan;
  }

  /** Draws the next fate. */
  draw(): Fate {
    const { latencyMs, errorRate, cutRate, doubleRate } = this.plan;
    const [shortest, longest] = latencyMs;
    const latency = shortest + this.random() * (longest - shortest);
    const roll = this.random();
    // One roll for all three, so that their rates add up instead of hiding each other.
    const fault =
      roll < errorRate
        ? 'error'
        : roll < errorRate + cutRate
          ? 'cut'
          : roll < errorRate + cutRate + doubleRate
            ? 'double'
            : 'none';
    return { latencyMs: latency, fault };
  }
}
