import type { SerializedError } from '@bulletproof/kernel';
import type { Delivery } from './delivery.js';

/** What is kept of a dead call, as JSON. */
export interface DeadStory {
  readonly delivery: Delivery;
  readonly error: SerializedError;
  /** Attempts that were made. */
  readonly attempts: number;
  readonly maxAttempts: number;
}
