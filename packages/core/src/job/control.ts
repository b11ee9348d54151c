import { BulletproofError, type Duration, isBulletproofError, toMs } from '@bulletproof/kernel';

/** Thrown by a handler to run its call again later, without consuming an attempt. */
export class Snooze extends BulletproofError {
  readonly code = 'SNOOZE';
  readonly delayMs: number;

  /** @throws InvalidOptionError (`INVALID_OPTION`) when the duration is none. */
  constructor(
    duration: Duration,
    readonly reason?: string,
  ) {
    const delayMs = toMs(duration, 'Snooze');
    super(`Run again in ${delayMs} ms${reason === undefined ? '' : `: ${reason}`}`);
    this.delayMs = delayMs;
  }
}

/** Thrown by a handler to end its call without retry, as dead. */
export class Discard extends BulletproofError {
  readonly code = 'DISCARD';

  constructor(readonly reason: string) {
    super(`Discarded: ${reason}`);
  }
}

/** Whether a thrown value is a `Snooze`, also of another copy of the package. */
export function isSnooze(thrown: unknown): thrown is Snooze {
  return isBulletproofError(thrown, 'SNOOZE');
}

/** Whether a thrown value is a `Discard`, also of another copy of the package. */
export function isDiscard(thrown: unknown): thrown is Discard {
  return isBulletproofError(thrown, 'DISCARD');
}

/**
 * The milliseconds after which a thrown value asks to be tried again: its `retryAfterMs` when that is
 * a finite number that is not negative. Open breakers and rate limits carry one.
 */
export function retryAfterOf(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const retryAfterMs = readQuietly(thrown, 'retryAfterMs');
  if (typeof retryAfterMs !== 'number' || !Number.isFinite(retryAfterMs)) return undefined;
  return retryAfterMs >= 0 ? retryAfterMs : undefined;
}

// anything can be thrown, also what throws when it is read
function readQuietly(thrown: object, name: string): unknown {
  try {
    return Reflect.get(thrown, name);
  } catch {
    return undefined;
  }
}
