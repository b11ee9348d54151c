export { CircuitBreaker } from './breaker.js';
export { Breaker, type BreakerDecorator } from './decorator.js';
export {
  BreakerConflictError,
  BreakersInUseError,
  type OpenCircuit,
  OpenCircuitError,
  type RejectedBy,
  StoreTimeoutError,
  StoreUnavailableError,
} from './errors.js';
export type {
  CircuitBreakerEvents,
  ConfigMismatchEvent,
  FleetStateEvent,
  ProbeEvent,
} from './events.js';
export type { ForceOptions } from './force.js';
export type { BreakerLogger } from './log.js';
export { type BreakerMetricsOptions, breakerMetrics, type PromClient } from './metrics.js';
export type {
  BreakerEventMap,
  CacheTransport,
  ExportedState,
  OpossumOptions,
  Stats,
  Status,
  StatusOptions,
} from './opossum-types.js';
export type { CircuitBreakerOptions, LocalOptions, SharedOptions } from './options.js';
export type { Ask, Limits, StateName, View } from './policy/state.js';
export type { BreakerEvent, Replies } from './policy/transition.js';
export {
  type BreakerSettings,
  breakers,
  configureBreakers,
  type Invocation,
  type RegisteredOptions,
} from './registry.js';
export type { LocalTrip } from './resolved.js';
export type { BreakerSnapshot } from './snapshot.js';
export type { BreakerStore, StoreListener } from './store.js';
export { MemoryBreakerStore } from './stores/memory.js';
export { RedisBreakerStore, type RedisBreakerStoreOptions } from './stores/redis.js';
