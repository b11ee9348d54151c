import type { FleetCounters } from './gate/fleet.js';
import type { Gate } from './gate/gate.js';
import type { StateName } from './policy/state.js';

/** What a page or a metric shows of a breaker; plain JSON data. */
export interface BreakerSnapshot {
  readonly name: string;
  readonly group: string;
  /** As this process acts on it; `recovering`: closed, but not yet for all calls. */
  readonly state: StateName | 'recovering' | 'shutdown' | 'disabled';
  /** Who decides: the fleet, or this process alone. */
  readonly scope: 'fleet' | 'local';
  /** Whether the store can be reached; `none`: a local breaker. */
  readonly store: 'up' | 'down' | 'none';
  readonly epoch: number;
  readonly opens: number;
  readonly reason: string;
  /** The process that brought the state about. */
  readonly by: string;
  /** Until a call may be tried; 0 when closed. */
  readonly retryAfterMs: number;
  /** Of this process, since it began. */
  readonly counters: Readonly<FleetCounters>;
}

const NO_COUNTERS: FleetCounters = {
  reports: 0,
  reported: 0,
  dropped: 0,
  reads: 0,
  announcements: 0,
  probesGranted: 0,
  probesDenied: 0,
  staleProbes: 0,
  storeErrors: 0,
};

/** What of opossum's breaker a snapshot needs. */
export interface Snapshotted {
  readonly name: string;
  readonly group: string;
  readonly enabled: boolean;
  readonly isShutdown: boolean;
  readonly closed: boolean;
  readonly halfOpen: boolean;
}

/** The snapshot of a local breaker. */
export function localSnapshot(breaker: Snapshotted, retryAfterMs: number): BreakerSnapshot {
  const { name, group, closed, halfOpen } = breaker;
  const state = closed ? 'closed' : halfOpen ? 'half-open' : 'open';
  return {
    name,
    group,
    state: overridden(breaker) ?? state,
    scope: 'local',
    store: 'none',
    epoch: 0,
    opens: 0,
    reason: '',
    by: '',
    counters: { ...NO_COUNTERS },
    retryAfterMs: closed ? 0 : retryAfterMs,
  };
}

/** The snapshot of a shared breaker. */
export function sharedSnapshot(breaker: Snapshotted, gate: Gate): BreakerSnapshot {
  const { name, group } = breaker;
  const { view, isJoined, counters } = gate.fleet;
  const scope = gate.scope();
  const told =
    scope === 'fleet' ? view : { ...view, opens: gate.local.opens, reason: gate.local.reason };
  const forced = view.state === 'forced-open' || view.state === 'forced-closed';
  const face = scope === 'fleet' && forced ? view.state : gate.face;
  const recovering = gate.face === 'closed' && !gate.passes;
  return {
    name,
    group,
    scope,
    store: isJoined ? 'up' : 'down',
    state: overridden(breaker) ?? (recovering ? 'recovering' : face),
    epoch: told.epoch,
    opens: told.opens,
    reason: told.reason,
    by: told.by,
    retryAfterMs: gate.passes ? 0 : gate.rejection().retryAfterMs,
    counters: { ...counters },
  };
}

function overridden({ isShutdown, enabled }: Snapshotted): 'shutdown' | 'disabled' | undefined {
  if (isShutdown) return 'shutdown';
  return enabled ? undefined : 'disabled';
}
