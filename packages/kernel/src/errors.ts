const BRAND = Symbol.for('bulletproof.error');

/** Base of every error thrown on purpose: a stable `code`, data as own fields, the cause through `ErrorOptions`. */
export abstract class BulletproofError extends Error {
  /** Stable identifier of the kind of error, in capitals. */
  abstract readonly code: string;

  /** @param message what happened and what to do about it */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // Not enumerable, as on built-in errors: loggers would print it twice otherwise.
    Object.defineProperty(this, 'name', {
      value: new.target.name,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }
}

// On the prototype and under a registered symbol: another copy of this package recognises our errors too.
markAsBulletproof(BulletproofError.prototype);

/** Brands an error object so that {@link isBulletproofError} knows it, also when it is not an instance of our class. */
export function markAsBulletproof(error: Error): void {
  Object.defineProperty(error, BRAND, { value: true });
}

/** Tells whether a thrown value is one of our errors (and, when given, of that code), across copies of the package. */
export function isBulletproofError(error: unknown, code?: string): error is BulletproofError {
  if (typeof error !== 'object' || error === null) return false;
  try {
    const candidate = error as { [BRAND]?: unknown; code?: unknown };
    return candidate[BRAND] === true && (code === undefined || candidate.code === code);
  } catch {
    return false;
  }
}

/** What an {@link InvalidOptionError} is made of. */
export interface InvalidOption {
  /** Path of the option, for example `Bulletproof.defaults.attempts`. */
  readonly option: string;
  /** What would have been accepted, in words. */
  readonly expected: string;
  /** What was found, in words. */
  readonly received: string;
}

/** An option is unknown, of the wrong kind, out of range, or contradicts another one; code `INVALID_OPTION`. */
export class InvalidOptionError extends BulletproofError {
  readonly code = 'INVALID_OPTION';
  readonly option: string;
  readonly expected: string;
  readonly received: string;

  constructor({ option, expected, received }: InvalidOption) {
    super(`${option}: expected ${expected}, got ${received}`);
    this.option = option;
    this.expected = expected;
    this.received = received;
  }
}
