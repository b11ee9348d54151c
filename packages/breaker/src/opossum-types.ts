import type { EventEmitter } from 'node:events';

/** The action that a breaker protects. */
export type Action<Args extends unknown[] = never[], Result = unknown> = (...args: Args) => Result;

/** A cache of one's own for the option `cache`; it must answer at once. */
export interface CacheTransport {
  get(key: string): unknown;
  set(key: string, value: unknown, expiresAtMs: number): void;
  flush(): void;
}

/** Counts of the rolling window; `latencyMean` and the percentiles are -1 when they are switched off. */
export interface Stats {
  readonly fires: number;
  readonly successes: number;
  readonly failures: number;
  readonly rejects: number;
  readonly timeouts: number;
  readonly fallbacks: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly coalesceCacheHits: number;
  readonly coalesceCacheMisses: number;
  readonly semaphoreRejections: number;
  readonly percentiles: Readonly<Record<string, number>>;
  readonly latencyTimes: readonly number[];
  readonly latencyMean: number;
  readonly isCircuitBreakerOpen?: boolean;
}

/** The rolling window of one breaker. Emits `snapshot` with its {@link Stats} at each bucket, unless `enableSnapshots` is false. */
export interface Status extends EventEmitter {
  readonly stats: Stats;
  readonly window: readonly Partial<Stats>[];
  increment(property: string, latencyMs?: number): void;
  open(): void;
  close(): void;
  shutdown(): void;
  removeRotateBucketControllerListener(): void;
  startListeneningForRotateEvent(): void;
}

/** What a `Status` is made with. */
export interface StatusOptions {
  readonly rollingCountBuckets?: number;
  readonly rollingCountTimeout?: number;
  readonly rollingPercentilesEnabled?: boolean;
  readonly enableSnapshots?: boolean;
  readonly rotateBucketController?: EventEmitter;
  readonly stats?: Partial<Stats>;
}

/** The state that `toJSON` exports and the option `state` imports. */
export interface ExportedState {
  readonly name: string;
  readonly enabled: boolean;
  readonly closed: boolean;
  readonly open: boolean;
  readonly halfOpen: boolean;
  readonly warmUp: boolean;
  readonly shutdown: boolean;
  /** When the breaker was made, epoch ms (not when it opened). */
  readonly lastTimerAt?: number | undefined;
}

/** opossum's options, in its own units. */
export interface OpossumOptions {
  timeout?: number | false;
  resetTimeout?: number;
  errorThresholdPercentage?: number;
  volumeThreshold?: number;
  rollingCountTimeout?: number;
  rollingCountBuckets?: number;
  rollingPercentilesEnabled?: boolean;
  enableSnapshots?: boolean;
  rotateBucketController?: EventEmitter;
  capacity?: number;
  errorFilter?: (error: never, ...args: never[]) => boolean | undefined;
  allowWarmUp?: boolean;
  enabled?: boolean;
  name?: string;
  group?: string;
  cache?: boolean;
  cacheTTL?: number;
  cacheSize?: number;
  cacheGetKey?: (...args: never[]) => string;
  cacheTransport?: CacheTransport;
  coalesce?: boolean;
  coalesceTTL?: number;
  coalesceSize?: number;
  coalesceResetOn?: readonly ('error' | 'success' | 'timeout')[];
  abortController?: AbortController;
  autoRenewAbortController?: boolean;
  status?: Status | Partial<Stats>;
  state?: Partial<ExportedState>;
  /** @deprecated opossum only prints that it is; use `errorThresholdPercentage` */
  maxFailures?: number;
}

/** The events of a breaker, with what their listeners are given. */
export interface BreakerEventMap<Args extends unknown[], Result> {
  fire: [args: Args];
  success: [result: Result, latencyMs: number];
  failure: [error: Error, latencyMs: number, args: Args];
  timeout: [error: Error, latencyMs: number, args: Args];
  reject: [error: Error];
  fallback: [result: unknown, error: Error];
  open: [];
  close: [];
  halfOpen: [resetTimeoutMs: number];
  semaphoreLocked: [error: Error, latencyMs: number];
  cacheHit: [];
  cacheMiss: [];
  coalesceCacheHit: [];
  coalesceCacheMiss: [];
  healthCheckFailed: [error: Error];
  shutdown: [];
}

/** opossum's class, as an instance. `Events`: what it and its heirs emit. */
export interface Opossum<
  Args extends unknown[],
  Result,
  Events extends Record<keyof Events, unknown[]> = BreakerEventMap<Args, Result>,
> extends EventEmitter<Events> {
  readonly name: string;
  readonly group: string;
  readonly enabled: boolean;
  readonly closed: boolean;
  readonly opened: boolean;
  readonly halfOpen: boolean;
  readonly pendingClose: boolean;
  readonly isShutdown: boolean;
  readonly warmUp: boolean;
  readonly volumeThreshold: number;
  readonly status: Status;
  readonly stats: Stats;
  readonly semaphore: { readonly count: number; test(): boolean; release(): void };
  options: OpossumOptions;
  action: Action<Args, unknown>;
  fire(...args: Args): Promise<Result>;
  call(context: unknown, ...args: Args): Promise<Result>;
  fallback(action: ((...args: never[]) => unknown) | { fire(...args: never[]): unknown }): this;
  open(): void;
  close(): void;
  enable(): void;
  disable(): void;
  shutdown(): void;
  clearCache(): void;
  healthCheck(check: () => Promise<unknown>, intervalMs?: number): void;
  toJSON(): { state: ExportedState; status: Stats };
  getSignal(): AbortSignal | undefined;
  getAbortController(): AbortController | undefined;
  _renewAbortControllerIfNeeded(): void;
}

/** opossum's class. */
export interface OpossumConstructor {
  new <
    Args extends unknown[],
    Result,
    Events extends Record<keyof Events, unknown[]> = BreakerEventMap<Args, Result>,
  >(
    action: unknown,
    options?: OpossumOptions,
  ): Opossum<Args, Result, Events>;
  isOurError(error: unknown): boolean;
  newStatus(options: StatusOptions): Status;
}
