import type { Clock, Duration, RedisSource } from '@bulletproof/kernel';
import type { BreakerLogger } from './log.js';
import type { OpossumOptions } from './opossum-types.js';
import type { LocalTrip } from './resolved.js';
import type { BreakerStore } from './store.js';

/** opossum's options; times may also be written as `'3s'`. */
export interface LocalOptions
  extends Omit<
    OpossumOptions,
    'timeout' | 'resetTimeout' | 'rollingCountTimeout' | 'cacheTTL' | 'coalesceTTL'
  > {
  /** How long a call may take; false: as long as it likes. @default 10 s */
  timeout?: Duration | false;
  /** How long it stays open the first time. @default 30 s */
  resetTimeout?: Duration;
  /** Length of the rolling window. @default 10 s */
  rollingCountTimeout?: Duration;
  /** How long a cached result lives; 0: for ever. @default 0 */
  cacheTTL?: Duration;
  /** How long calls are coalesced. @default as `timeout` */
  coalesceTTL?: Duration;
  /** Gets what happens to the breaker as log lines, for example a pino logger. @default nothing is logged */
  logger?: BreakerLogger;
}

/** The options of a breaker whose state the whole fleet shares. */
export interface SharedOptions {
  /** Where Redis is. With it, `name` must be given. @default none: the breaker is local */
  redis?: RedisSource;
  /** A store instead of Redis, for example a `MemoryBreakerStore` in tests. */
  store?: BreakerStore;
  /** Prefix of all keys. @default 'bulletproof' */
  prefix?: string;
  /**
   * When the window of this process alone would open: `'provisional'` opens this process and asks the fleet, `'propagate'` opens the
   * fleet, `'off'` only reports. @default 'provisional'
   */
  localTrip?: LocalTrip;
  /** How many processes must have reported failures before the fleet opens. @default 1 */
  quorum?: number;
  /** Longest open time: it doubles with each opening that was not followed by a stable time. @default 4 × `resetTimeout` */
  maxResetTimeout?: Duration;
  /** What is added to each open time at random, as a fraction of it, 0 to 1. @default 0.1 */
  resetJitter?: number;
  /** Closed that long, it is stable: the next open time is `resetTimeout` again. @default as `maxResetTimeout` */
  stableAfter?: Duration;
  /** How many probes may run at once when it is half-open, in the whole fleet. @default 1 */
  probes?: number;
  /** How many probes must succeed until it closes. @default 1 */
  successThreshold?: number;
  /** How long a probe has the right to be the only one. @default `timeout` + 1 s; 30 s without a timeout */
  probeLease?: Duration;
  /** After a recovery, the share of calls that pass grows from 10 % to all within this time. @default 0: all pass at once */
  rampUp?: Duration;
  /** A call that takes that long is slow. @default no call is */
  slowCallDurationThreshold?: Duration;
  /** It opens when more than so many percent of the calls are slow. @default 100: never */
  slowCallRateThreshold?: number;
  /** Thresholds of this process alone, for `localTrip` and while Redis is away. @default as for the fleet */
  local?: { errorThresholdPercentage?: number; volumeThreshold?: number };
  /** How long the store may take to answer. Only the caller of a probe ever waits for it. @default 250 ms */
  storeTimeout?: Duration;
  /** How often the state is read when nothing was heard. @default 2 s */
  pollInterval?: Duration;
  /** This process, as quorum and `snapshot()` know it. @default a random id */
  processId?: string;
  /** For tests. @default the real clock */
  clock?: Clock;
  /** For tests: random numbers from 0 to 1. @default Math.random */
  random?: () => number;
}

/** Options of a {@link CircuitBreaker}. */
export interface CircuitBreakerOptions extends LocalOptions, SharedOptions {}
