import type { Gate } from './gate/gate.js';
import type { StoreLink } from './gate/link.js';
import type { HealthChecks } from './health.js';

/** Our part of a breaker. opossum's constructor calls methods of ours before it is there. */
export const OWN: unique symbol = Symbol('own');

/** See {@link OWN}. */
export interface Own {
  readonly gate: Gate | undefined;
  readonly link: StoreLink | undefined;
  readonly health: HealthChecks;
  /** This synchronous call of opossum's is a probe. */
  probing: boolean;
  /** This one is to be rejected. */
  refusing: boolean;
  /** Latency of the failure that opossum is about to judge in place of the gate; undefined: it is not. */
  failing: number | undefined;
  /** When a local breaker opened, epoch ms. */
  openedAtMs: number;
}

/** No synchronous call is under way. */
export const NO_FLAGS = { probing: false, refusing: false, failing: undefined };
/** The latency of a failure that does not count. */
export const UNCOUNTED = -1;
