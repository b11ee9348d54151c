import { BreakerConflictError } from './errors.js';
import type { StoreLink } from './gate/link.js';

interface Reserved {
  readonly config: string;
  count: number;
}

/** The names of shared breakers in this process, by the link to their store. */
const names = new WeakMap<StoreLink, Map<string, Reserved>>();

/**
 * Reserves a name for a configuration; several breakers may have the same name, but not other options.
 * @throws BreakerConflictError `BREAKER_CONFLICT`
 */
export function reserveName(link: StoreLink, name: string, config: string): void {
  const reserved = names.get(link) ?? new Map<string, Reserved>();
  names.set(link, reserved);
  const known = reserved.get(name);
  if (known === undefined) reserved.set(name, { config, count: 1 });
  else if (known.config === config) known.count += 1;
  else throw new BreakerConflictError(name);
}

/** Gives a name back. */
export function releaseName(link: StoreLink, name: string): void {
  const known = names.get(link)?.get(name);
  if (known === undefined) return;
  known.count -= 1;
  if (known.count === 0) names.get(link)?.delete(name);
}
