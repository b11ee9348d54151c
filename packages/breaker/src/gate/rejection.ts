import type { OpenCircuit } from '../errors.js';
import type { ResolvedShared } from '../resolved.js';
import type { LocalMachine } from './local.js';
import type { FleetView } from './view.js';

/** The three states that opossum knows. */
export type Face = 'closed' | 'open' | 'half-open';

/** What is known when a call is rejected. */
export interface Situation {
  readonly face: Face;
  readonly scope: 'fleet' | 'local';
  readonly view: FleetView;
  readonly local: LocalMachine;
  readonly deniedUntilMs: number;
  readonly options: ResolvedShared;
}

/** At least this long until a rejected caller should ask again. */
const SHORTEST_RETRY_MS = 50;

/** Why a call is rejected, and when to try again. */
export function rejectionIn(situation: Situation): Omit<OpenCircuit, 'breaker'> {
  const { face, scope, view, local, options } = situation;
  const state = face === 'half-open' ? 'half-open' : 'open';
  const inMs = (ms: number): number => Math.ceil(Math.max(SHORTEST_RETRY_MS, ms));
  if (scope === 'local') {
    return { state, scope, retryAfterMs: inMs(local.remainingMs), reason: local.reason };
  }
  const { reason } = view;
  const nowMs = options.clock.monotonicMs();
  if (face === 'closed') {
    // Half of what is left of the ramp: by then, more calls pass.
    const leftMs = view.sinceMs + options.rampMs - nowMs;
    return { state: 'recovering', scope, retryAfterMs: inMs(leftMs / 2), reason };
  }
  if (face === 'half-open') {
    return { state, scope, retryAfterMs: inMs(situation.deniedUntilMs - nowMs), reason };
  }
  const leftMs = view.endsAtMs - nowMs;
  return view.state === 'forced-open'
    ? // It may be released long before its time.
      {
        state: view.state,
        scope,
        retryAfterMs: inMs(Math.min(leftMs, options.limits.openMs)),
        reason,
      }
    : { state, scope, retryAfterMs: inMs(leftMs), reason };
}
