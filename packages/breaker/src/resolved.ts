import type { Clock } from '@bulletproof/kernel';
import type { Limits } from './policy/state.js';

/** What a process does whose own window alone would open: see the option `localTrip`. */
export type LocalTrip = 'provisional' | 'propagate' | 'off';

/** The options of a shared breaker, resolved: all there, in milliseconds. */
export interface ResolvedShared {
  readonly name: string;
  /** The process, as it stands in the store. */
  readonly by: string;
  /** Digest of what decides about transitions. */
  readonly config: string;
  readonly limits: Limits;
  /** The same for this process alone. */
  readonly localLimits: Limits;
  /** Upper bound of what is added to an open time, as a fraction of it. */
  readonly jitter: number;
  readonly rampMs: number;
  readonly localTrip: LocalTrip;
  /** Infinity when slow calls do not matter. */
  readonly slowMs: number;
  /** Longest time that a call of the action takes; undefined without a timeout. */
  readonly callMs: number | undefined;
  readonly storeTimeoutMs: number;
  readonly pollMs: number;
  readonly clock: Clock;
  /** Random numbers from 0 to 1. */
  readonly random: () => number;
}
