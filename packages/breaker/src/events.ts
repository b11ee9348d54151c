import type { BreakerEventMap } from './opossum-types.js';
import type { StateName } from './policy/state.js';

/** The fleet's state, as an event tells it. */
export interface FleetStateEvent {
  readonly name: string;
  readonly state: StateName;
  readonly epoch: number;
  readonly opens: number;
  readonly reason: string;
  /** The process that brought it about. */
  readonly by: string;
}

/** A probe of this process began or ended. */
export interface ProbeEvent {
  readonly name: string;
  readonly scope: 'fleet' | 'local';
  readonly outcome: 'started' | 'passed' | 'failed' | 'abandoned';
}

/** Another process has other options for the same name. */
export interface ConfigMismatchEvent {
  readonly name: string;
  /** Digests of the options. */
  readonly own: string;
  readonly other: string;
}

/** The events of a breaker: opossum's, and those of the fleet. */
export interface CircuitBreakerEvents<Args extends unknown[], Result>
  extends BreakerEventMap<Args, Result> {
  /** The fleet's state changed. */
  fleetState: [FleetStateEvent];
  /** A probe of this process began or ended. */
  probe: [ProbeEvent];
  /** The store can be reached: the fleet decides. */
  storeUp: [];
  /** The store cannot be reached: this process decides alone. */
  storeDown: [error: unknown];
  /** Another process has other options for the same name; once for each of these. */
  configMismatch: [ConfigMismatchEvent];
}
