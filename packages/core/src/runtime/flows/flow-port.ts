import type { Delivery } from '../delivery.js';

/** A delivery in the tree that is inserted; it starts when its children have ended. */
export interface DeliveryTree {
  readonly delivery: Delivery;
  readonly children: readonly DeliveryTree[];
  /** Not to be started when its children have ended, but when it is woken. */
  readonly isParked: boolean;
}

/** What flows need of the queue system, in our words. */
export interface FlowPort {
  /** Adds whole trees at once, all or none; what is there already is not added again. */
  insert(trees: readonly DeliveryTree[]): Promise<void>;
  /** Starts deliveries that are parked; adds those that are missing; leaves alone what waits, runs or has ended. */
  wake(deliveries: readonly Delivery[]): Promise<void>;
  /** Where a delivery stands. */
  state(delivery: Delivery): Promise<'missing' | 'parked' | 'behind' | 'open' | 'ended'>;
  close(): Promise<void>;
}
