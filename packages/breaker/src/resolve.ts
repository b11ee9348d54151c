import { randomBytes } from 'node:crypto';
import {
  type Checked,
  checkOptions,
  checkTogether,
  digest,
  type RedisSource,
  refuseOption,
} from '@bulletproof/kernel';
import { backgroundClock } from './clock.js';
import type { BreakerLogger } from './log.js';
import type { OpossumOptions } from './opossum-types.js';
import { OPOSSUM_RULES, OWN_RULES } from './option-rules.js';
import type { Limits } from './policy/state.js';
import type { ResolvedShared } from './resolved.js';
import type { BreakerStore } from './store.js';

/** Where a shared breaker finds its state. */
export interface StoreSource {
  readonly redis: RedisSource | undefined;
  readonly store: BreakerStore | undefined;
  readonly prefix: string;
}

/** The options of a breaker, resolved. */
export interface ResolvedOptions {
  /** A fresh object with what was given: opossum changes it. */
  readonly opossum: OpossumOptions;
  readonly logger: BreakerLogger | undefined;
  /** Absent for a local breaker. */
  readonly shared?: { readonly options: ResolvedShared; readonly source: StoreSource };
}

const WHERE = 'CircuitBreaker';
/** A probe's lease lasts longer than its call, by what store and timers may take. */
const LEASE_MARGIN_MS = 1_000;
const LEASE_WITHOUT_TIMEOUT_MS = 30_000;
const SHORTEST_KEEP_MS = 3_600_000;
/** One process, for all of its breakers. */
const PROCESS_ID = randomBytes(9).toString('base64url');

type CheckedOptions = Checked<typeof OPOSSUM_RULES & typeof OWN_RULES>;

/**
 * Checks and resolves options.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function resolveOptions(given: unknown = {}): ResolvedOptions {
  const checked = checkOptions(WHERE, given, { ...OPOSSUM_RULES, ...OWN_RULES }) as CheckedOptions;
  const { redis, store, prefix, logger } = checked;
  const opossum = opossumOptions(checked);
  if (redis !== undefined && store !== undefined) {
    refuseOption(`${WHERE}.store`, 'no store beside redis', store);
  }
  if (redis === undefined && store === undefined) {
    refuseSharedOnly(given as object);
    return { opossum, logger };
  }
  const options = resolveShared(checked);
  return {
    opossum: { rollingPercentilesEnabled: false, enableSnapshots: false, ...opossum },
    logger,
    shared: { options, source: { redis, store, prefix } },
  };
}

function opossumOptions(checked: CheckedOptions): OpossumOptions {
  const given = Object.keys(OPOSSUM_RULES)
    .map((option) => [option, checked[option as keyof typeof OPOSSUM_RULES]] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** Without a store these would have no effect, which nobody should find out in an outage. */
function refuseSharedOnly(given: object): void {
  const allowed = new Set(['logger', 'redis', 'store']);
  for (const option of Object.keys(OWN_RULES)) {
    const value: unknown = Reflect.get(given, option);
    if (allowed.has(option) || value === undefined) continue;
    refuseOption(
      `${WHERE}.${option}`,
      'redis beside it: a local breaker has no such option',
      value,
    );
  }
}

function resolveShared(checked: CheckedOptions): ResolvedShared {
  const { name, state, processId: by = PROCESS_ID, clock = backgroundClock } = checked;
  if (name === undefined || !/^[^{}\p{Cc}\p{Surrogate}]{1,128}$/u.test(name)) {
    const expected = 'a name of 1 to 128 characters without braces (all processes share it)';
    refuseOption(`${WHERE}.name`, expected, name);
  }
  if (state !== undefined) refuseOption(`${WHERE}.state`, 'no state: it is in the store', state);
  const limits = limitsOf(checked);
  check(checked, limits);
  const { local, slowCallDurationThreshold: slowMs = Number.POSITIVE_INFINITY } = checked;
  const failureRate = Math.min(100, local?.errorThresholdPercentage ?? limits.failureRate);
  const volume = local?.volumeThreshold ?? limits.volume;
  const callMs = checked.timeout === false || checked.timeout === 0 ? undefined : checked.timeout;
  return {
    name,
    by,
    limits,
    slowMs,
    clock,
    config: digest({ ...limits, slowMs: String(slowMs) }).slice(0, 12),
    localLimits: { ...limits, failureRate, volume },
    jitter: checked.resetJitter,
    rampMs: checked.rampUp,
    localTrip: checked.localTrip,
    callMs: checked.timeout === undefined ? 10_000 : callMs,
    storeTimeoutMs: checked.storeTimeout,
    pollMs: checked.pollInterval,
    random: checked.random ?? Math.random,
  };
}

function limitsOf(checked: CheckedOptions): Limits {
  const { timeout = 10_000, resetTimeout: openMs = 30_000 } = checked;
  const { maxResetTimeout: maxOpenMs = 4 * openMs, stableAfter: stableMs = maxOpenMs } = checked;
  const leaseMs = timeout ? timeout + LEASE_MARGIN_MS : LEASE_WITHOUT_TIMEOUT_MS;
  return {
    openMs,
    maxOpenMs,
    stableMs,
    // opossum's window reads 0 as "the default".
    windowMs: checked.rollingCountTimeout || 10_000,
    buckets: checked.rollingCountBuckets || 10,
    volume: checked.volumeThreshold ?? 0,
    failureRate: Math.min(100, checked.errorThresholdPercentage ?? 50),
    slowRate: checked.slowCallRateThreshold,
    quorum: checked.quorum,
    probes: checked.probes,
    successes: checked.successThreshold,
    leaseMs: checked.probeLease ?? leaseMs,
    keepMs: Math.max(SHORTEST_KEEP_MS, 2 * maxOpenMs),
  };
}

function check(checked: CheckedOptions, limits: Limits): void {
  checkTogether(WHERE, checked, [
    {
      option: 'resetTimeout',
      expected: 'a span of at least 1 ms',
      holds: () => limits.openMs >= 1,
    },
    {
      option: 'maxResetTimeout',
      expected: 'a span at least as long as resetTimeout',
      holds: () => limits.maxOpenMs >= limits.openMs,
    },
    {
      option: 'rollingCountBuckets',
      expected: 'at most one bucket for each millisecond of rollingCountTimeout, and at most 100',
      holds: () => limits.buckets <= limits.windowMs && limits.buckets <= 100,
    },
    {
      option: 'probeLease',
      expected: 'a span longer than timeout',
      holds: ({ timeout }) => !timeout || limits.leaseMs > timeout,
    },
    {
      option: 'slowCallRateThreshold',
      expected: 'slowCallDurationThreshold beside it',
      holds: ({ slowCallDurationThreshold, slowCallRateThreshold }) =>
        slowCallRateThreshold === 100 || slowCallDurationThreshold !== undefined,
    },
  ]);
}
