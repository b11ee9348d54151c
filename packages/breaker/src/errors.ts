import { BulletproofError } from '@bulletproof/kernel';

/** Why a call was rejected: `recovering`: closed again, but not yet for all calls. */
export type RejectedBy = 'open' | 'half-open' | 'forced-open' | 'recovering';

/** What an {@link OpenCircuitError} is made of. */
export interface OpenCircuit {
  /** Name of the breaker. */
  readonly breaker: string;
  readonly state: RejectedBy;
  /** Whose state it is: of the whole fleet, or of this process alone. */
  readonly scope: 'fleet' | 'local';
  /** When it makes sense to try again, in milliseconds; a job is put off by that without consuming an attempt. */
  readonly retryAfterMs: number;
  /** Why it is open, when that is known. */
  readonly reason?: string | undefined;
}

/** The breaker is open: the action was not called; code `EOPENBREAKER`, and opossum's message. */
export class OpenCircuitError extends BulletproofError {
  readonly code = 'EOPENBREAKER';
  readonly breaker!: string;
  readonly state!: RejectedBy;
  readonly scope!: 'fleet' | 'local';
  readonly retryAfterMs!: number;
  readonly reason!: string | undefined;

  constructor(circuit: OpenCircuit) {
    super('Breaker is open');
    Object.assign(this, circuit);
  }

  /** Makes the very error that opossum rejects with one of ours: its mark, code and message stay. */
  static from(error: Error, circuit: OpenCircuit): OpenCircuitError {
    Object.setPrototypeOf(error, OpenCircuitError.prototype);
    Object.defineProperty(error, 'name', {
      value: 'OpenCircuitError',
      configurable: true,
      writable: true,
    });
    return Object.assign(error, circuit) as OpenCircuitError;
  }
}

/** A name has one configuration in a process, but was given a second one; code `BREAKER_CONFLICT`. */
export class BreakerConflictError extends BulletproofError {
  readonly code = 'BREAKER_CONFLICT';
  /** Name of the breaker. */
  readonly breaker: string;

  constructor(breaker: string) {
    super(
      `The breaker "${breaker}" was declared with other options before: give both the same ones, or one of them another name`,
    );
    this.breaker = breaker;
  }
}

/** `configureBreakers` came after a breaker had been used; code `BREAKERS_IN_USE`. */
export class BreakersInUseError extends BulletproofError {
  readonly code = 'BREAKERS_IN_USE';
  /** Names of the breakers that are bound already. */
  readonly breakers: readonly string[];

  constructor(breakers: readonly string[]) {
    super(
      `configureBreakers() came too late: ${breakers.join(', ')} ran already; call it before the first call of a method with @Breaker`,
    );
    this.breakers = breakers;
  }
}

/** A breaker was to be forced or released, but its store cannot be reached; code `STORE_UNAVAILABLE`. */
export class StoreUnavailableError extends BulletproofError {
  readonly code = 'STORE_UNAVAILABLE';
  /** Name of the breaker. */
  readonly breaker: string;

  constructor(breaker: string) {
    super(
      `The store of the breaker "${breaker}" cannot be reached: it may or may not have heard; ask again`,
    );
    this.breaker = breaker;
  }
}

/** The store did not answer in time; code `STORE_TIMEOUT`. Only events carry it, no caller of a breaker sees it. */
export class StoreTimeoutError extends BulletproofError {
  readonly code = 'STORE_TIMEOUT';
  readonly afterMs: number;

  constructor(afterMs: number) {
    super(
      `The store of the breakers did not answer within ${afterMs} ms; they act locally until it does`,
    );
    this.afterMs = afterMs;
  }
}
