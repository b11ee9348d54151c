import { assertNever, type ScriptRunner } from '@bulletproof/kernel';
import type { BreakerKeys } from '../keys.js';
import { acquire, force, read, release, report, settle } from '../lua/scripts.generated.js';
import { MAX_LAPSES } from '../policy/probe.js';
import type { Ask } from '../policy/state.js';
import type { BreakerEvent, Replies, Reply } from '../policy/transition.js';

/** The transitions of breakers in Redis: one script each, on the server's clock. */
export class BreakerScripts {
  readonly #scripts: ScriptRunner;
  readonly #keys: BreakerKeys;
  readonly #now: (() => number) | undefined;

  /** @param now replaces the server's clock (epoch ms); for tests only */
  constructor(scripts: ScriptRunner, keys: BreakerKeys, now?: () => number) {
    this.#scripts = scripts;
    this.#keys = keys;
    this.#now = now;
  }

  /** Runs the script of an event. */
  async apply<E extends BreakerEvent>(
    name: string,
    ask: Ask,
    event: E,
  ): Promise<Replies[E['kind']]> {
    // Each case answers as its script declares, which is how the state machine answers.
    return (await this.#run(name, ask, event)) as Replies[E['kind']];
  }

  #run(name: string, ask: Ask, event: BreakerEvent): Promise<Reply> {
    const { limits, jitter, config } = ask;
    const { openMs, stableMs, leaseMs } = limits;
    const keys = { state: this.#keys.state(name), leases: this.#keys.leases(name) };
    const base = this.#base(name, ask);
    const opening = { openMs, stableMs, jitter };
    switch (event.kind) {
      case 'report':
        return this.#report(name, ask, event) as Promise<Reply>;
      case 'acquire': {
        const args = { ...base, ...opening, config, leaseMs, maxLapses: MAX_LAPSES };
        return this.#scripts.run(acquire, { keys, args }) as Promise<Reply>;
      }
      case 'settle': {
        const { token, outcome } = event;
        const args = { ...base, ...opening, successes: limits.successes, token, outcome };
        return this.#scripts.run(settle, { keys, args }) as Promise<Reply>;
      }
      case 'force': {
        const { state: forced, ttlMs, reason } = event;
        const args = { ...base, forced, ttlMs, reason };
        return this.#scripts.run(force, { keys, args }) as Promise<Reply>;
      }
      case 'release': {
        const args = { ...base, reason: event.reason };
        return this.#scripts.run(release, { keys, args }) as Promise<Reply>;
      }
      case 'read':
        return this.#scripts.run(read, { keys, args: base }) as Promise<Reply>;
      default:
        return assertNever(event);
    }
  }

  #report(name: string, ask: Ask, event: Extract<BreakerEvent, { kind: 'report' }>) {
    const { limits, jitter, config } = ask;
    const { openMs, stableMs, windowMs, buckets, volume, failureRate, slowRate, quorum } = limits;
    const { admittedEpoch, passed, failed, slow, trip } = event;
    return this.#scripts.run(report, {
      keys: {
        state: this.#keys.state(name),
        leases: this.#keys.leases(name),
        window: this.#keys.window(name, limits),
        reporters: this.#keys.reporters(name, limits),
      },
      args: {
        ...this.#base(name, ask),
        config,
        jitter,
        openMs,
        stableMs,
        windowMs,
        buckets,
        volume,
        failureRate,
        slowRate,
        quorum,
        admittedEpoch,
        passed,
        failed,
        slow,
        trip: trip ? 1 : 0,
      },
    });
  }

  #base(name: string, { by, known, limits: { maxOpenMs, probes, keepMs } }: Ask) {
    return {
      name,
      channel: this.#keys.channel,
      by,
      knownEpoch: known.epoch,
      knownState: known.state,
      knownRemainingMs: known.remainingMs,
      knownAgeMs: known.ageMs,
      knownOpens: known.opens,
      knownReason: known.reason,
      maxOpenMs,
      probes,
      keepMs,
      ...(this.#now && { nowMs: this.#now() }),
    };
  }
}
