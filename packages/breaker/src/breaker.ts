import type { EventEmitter } from 'node:events';
import { refuseOption } from '@bulletproof/kernel';
import { OpenCircuitError, StoreUnavailableError } from './errors.js';
import type { CircuitBreakerEvents } from './events.js';
import { type ForceOptions, forceOf } from './force.js';
import { Gate, type GateEvents } from './gate/gate.js';
import type { Lease } from './gate/probing.js';
import type { Face } from './gate/rejection.js';
import { HealthChecks } from './health.js';
import { linkTo } from './links.js';
import { logBreaker } from './log.js';
import { releaseName, reserveName } from './names.js';
import { OpossumBreaker } from './opossum.js';
import type { ExportedState, Stats } from './opossum-types.js';
import type { CircuitBreakerOptions } from './options.js';
import { NO_FLAGS, OWN, type Own, UNCOUNTED } from './own.js';
import type { ForceRequest, ReleaseRequest } from './policy/manual.js';
import { runProbe } from './probe-call.js';
import { resolveOptions } from './resolve.js';
import { type BreakerSnapshot, localSnapshot, sharedSnapshot } from './snapshot.js';

/**
 * opossum's circuit breaker, and with `redis` one whose state the whole fleet shares.
 *
 * `const stripe = new CircuitBreaker(capture, { name: 'stripe', redis, timeout: '3s' }); await stripe.fire(order);`
 */
export class CircuitBreaker<
  Args extends unknown[] = unknown[],
  Result = unknown,
> extends OpossumBreaker<Args, Result, CircuitBreakerEvents<Args, Result>> {
  declare private [OWN]: Own;

  /**
   * @param action what is protected
   * @throws InvalidOptionError `INVALID_OPTION`
   * @throws BreakerConflictError `BREAKER_CONFLICT` when this process has a breaker of that name with other options
   */
  constructor(
    action: ((...args: Args) => Result | PromiseLike<Result>) | PromiseLike<Result>,
    options: CircuitBreakerOptions = {},
  ) {
    const { opossum, logger, shared } = resolveOptions(options);
    super(action, opossum);
    const link = shared && linkTo(shared.source, shared.options.clock);
    if (link && shared) reserveName(link, shared.options.name, shared.options.config);
    const gate = link && new Gate(shared.options, link, this.#gateEvents());
    Object.defineProperty(this, OWN, {
      value: { gate, link, health: new HealthChecks(), ...NO_FLAGS, openedAtMs: Date.now() },
    });
    if (gate) this.#share(gate);
    else this.on('open', () => (this[OWN].openedAtMs = Date.now()));
    this.on('reject', (error) => this.#explain(error));
    if (logger) logBreaker(this, logger);
  }

  /** True for an error that a breaker made, not the action. */
  static override isOurError(error: unknown): boolean {
    return typeof error === 'object' && error !== null && OpossumBreaker.isOurError(error);
  }

  override call(context: unknown, ...args: Args): Promise<Result> {
    const { gate } = this[OWN];
    if (gate === undefined || gate.passes) return super.call(context, ...args);
    return this.#gated(gate, context, args);
  }

  override get closed(): boolean {
    const own = this[OWN];
    if (own?.gate === undefined || super.isShutdown) return super.closed;
    return own.gate.face === 'closed' && !own.refusing;
  }

  override get opened(): boolean {
    const gate = this[OWN]?.gate;
    return gate === undefined || super.isShutdown ? super.opened : gate.face === 'open';
  }

  override get halfOpen(): boolean {
    const gate = this[OWN]?.gate;
    return gate === undefined || super.isShutdown ? super.halfOpen : gate.face === 'half-open';
  }

  override get pendingClose(): boolean {
    const own = this[OWN];
    if (own?.gate === undefined) return super.pendingClose;
    return own.probing || (!own.refusing && own.gate.mayProbe);
  }

  /**
   * opossum asks this when all listeners have heard of a failure, before it judges it. For a shared breaker the gate judges then, and
   * opossum hears "warming up", which ends its part.
   */
  override get warmUp(): boolean {
    const own = this[OWN];
    if (own?.failing === undefined) return super.warmUp;
    const { failing: latencyMs, gate } = own;
    own.failing = undefined;
    if (latencyMs !== UNCOUNTED) gate?.outcomes.add(latencyMs, true);
    return true;
  }

  override open(): void {
    if (super.isShutdown) return;
    const gate = this[OWN]?.gate;
    if (gate) gate.open();
    else super.open();
  }

  override close(): void {
    if (super.isShutdown) return;
    const gate = this[OWN]?.gate;
    if (gate) gate.close();
    else super.close();
  }

  override shutdown(): void {
    const own = this[OWN];
    if (own && !super.isShutdown) {
      own.health.stop();
      own.gate?.stop();
      if (own.link) releaseName(own.link, this.name);
    }
    super.shutdown();
  }

  /** Resolves when the store's connections are closed, after the shutdown of the last breaker that uses them. */
  async ended(): Promise<void> {
    await this[OWN].link?.closed;
  }

  override healthCheck(check: () => Promise<unknown>, intervalMs?: number): void {
    this[OWN].health.start(this, check, intervalMs);
  }

  override toJSON(): { state: ExportedState; status: Stats } {
    const own = this[OWN];
    const { failing } = own;
    own.failing = undefined;
    const json = super.toJSON();
    own.failing = failing;
    return json;
  }

  /** What a page or a metric shows; plain JSON data. */
  snapshot(): BreakerSnapshot {
    const { gate } = this[OWN];
    return gate ? sharedSnapshot(this, gate) : localSnapshot(this, this.#localRetryMs());
  }

  /**
   * Opens the breaker in all processes until the time is over or it is released.
   * @throws StoreUnavailableError `STORE_UNAVAILABLE`
   * @throws InvalidOptionError `INVALID_OPTION` for bad options, and for a local breaker
   */
  forceOpen(options: ForceOptions): Promise<void> {
    return this.#force('forced-open', options);
  }

  /** Closes the breaker in all processes, whatever fails, until the time is over or it is released; throws as `forceOpen`. */
  forceClose(options: ForceOptions): Promise<void> {
    return this.#force('forced-closed', options);
  }

  /** Gives a forced breaker back to itself, closed; throws as `forceOpen`. */
  release(reason = 'released'): Promise<void> {
    return this.#command({ kind: 'release', reason });
  }

  #gated(gate: Gate, context: unknown, args: Args): Promise<Result> {
    if (!this.enabled || this.isShutdown) return super.call(context, ...args);
    if (gate.face === 'closed') {
      return gate.admits() ? super.call(context, ...args) : this.#refused(context, args);
    }
    if (!gate.mayProbe) return this.#refused(context, args);
    const lease = gate.probing.acquire();
    return lease instanceof Promise
      ? lease.then((granted) => this.#probed(gate, granted, [context, args]))
      : this.#probed(gate, lease, [context, args]);
  }

  /** opossum's own rejection: with its events, its fallback, and a look into its caches before. */
  #refused(context: unknown, args: Args): Promise<Result> {
    const own = this[OWN];
    own.refusing = true;
    try {
      return super.call(context, ...args);
    } finally {
      own.refusing = false;
    }
  }

  #probed(
    gate: Gate,
    lease: Lease | undefined,
    [context, args]: readonly [unknown, Args],
  ): Promise<Result> {
    // Somebody has closed it meanwhile, or somebody else probes.
    if (lease === undefined) {
      return gate.passes || this.isShutdown
        ? super.call(context, ...args)
        : this.#refused(context, args);
    }
    const own = this[OWN];
    const tell = (outcome: 'started' | 'passed' | 'failed' | 'abandoned'): void =>
      this.#tell('probe', { name: this.name, scope: lease.scope, outcome });
    tell('started');
    const call = (): Promise<Result> => {
      own.probing = true;
      try {
        return super.call(context, ...args);
      } finally {
        own.probing = false;
      }
    };
    const abort = (): void => this.getAbortController()?.abort();
    return runProbe({ gate, breaker: this, call, isOwnLimit, abort, ended: tell }, lease);
  }

  /** Takes the state machine out of opossum's hands: its timer, and its close on any success while half-open. */
  #share(gate: Gate): void {
    const [, startTimer] = this.listeners('open');
    const [, closeOnSuccess] = this.listeners('success');
    this.off('open', startTimer as () => void);
    this.off('success', closeOnSuccess as () => void);
    const { outcomes } = gate;
    const own = this[OWN];
    this.on('success', (_result, latencyMs) => outcomes.add(latencyMs, false));
    this.on('failure', (error, latencyMs) => {
      own.failing = super.warmUp || isOwnLimit(error) ? UNCOUNTED : latencyMs;
    });
  }

  #gateEvents(): GateEvents {
    const { name } = this;
    return {
      face: (face, openedForMs) => this.#turned(face, openedForMs),
      fleet: ({ state, epoch, opens, reason, by }) =>
        this.#tell('fleetState', { name, state, epoch, opens, reason, by }),
      storeUp: () => this.#tell('storeUp'),
      storeDown: (error) => this.#tell('storeDown', error),
      configMismatch: (own, other) => this.#tell('configMismatch', { name, own, other }),
    };
  }

  #turned(face: Face, openedForMs: number): void {
    if (face !== 'open') this._renewAbortControllerIfNeeded();
    if (face === 'half-open') this.#tell('halfOpen', openedForMs);
    else this.#tell(face === 'open' ? 'open' : 'close');
  }

  /** Emits what no call waits for: a listener that throws must not reach the timer or message that caused it. */
  #tell(event: keyof CircuitBreakerEvents<Args, Result>, ...args: readonly unknown[]): void {
    try {
      (this as EventEmitter).emit(event, ...args);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  #explain(error: Error): void {
    const { gate } = this[OWN];
    const state = this.halfOpen ? 'half-open' : 'open';
    const local = { state, scope: 'local', retryAfterMs: this.#localRetryMs() } as const;
    OpenCircuitError.from(error, { breaker: this.name, ...(gate?.rejection() ?? local) });
  }

  /** A local breaker is due after `resetTimeout`; when its probe is under way, that probe ends within `timeout`. */
  #localRetryMs(): number {
    const { timeout, resetTimeout = 0 } = this.options;
    if (this.halfOpen) return timeout || resetTimeout;
    return Math.max(0, this[OWN].openedAtMs + resetTimeout - Date.now());
  }

  async #force(state: ForceRequest['state'], options: ForceOptions): Promise<void> {
    await this.#command({ kind: 'force', state, ...forceOf(options) });
  }

  async #command(event: ForceRequest | ReleaseRequest): Promise<void> {
    const { gate } = this[OWN];
    if (!gate)
      refuseOption('CircuitBreaker.redis', 'redis: a local breaker has no fleet', undefined);
    if ((await gate.fleet.apply(event)) === undefined) throw new StoreUnavailableError(this.name);
  }
}

/** The own capacity says nothing about the dependency. */
function isOwnLimit(error: unknown): boolean {
  return (
    CircuitBreaker.isOurError(error) && (error as { readonly code?: unknown }).code === 'ESEMLOCKED'
  );
}
