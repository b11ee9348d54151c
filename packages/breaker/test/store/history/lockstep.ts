import { portOf, type RedisPort, ScriptRunner } from '@bulletproof/kernel';
import { uniquePrefix } from '@bulletproof/test-kit';
import type { Redis } from 'ioredis';
import { BreakerKeys } from '../../../src/keys.js';
import {
  type Ask,
  type BreakerRecord,
  type Known,
  NEW_BREAKER,
  NOTHING_KNOWN,
  type View,
} from '../../../src/policy/state.js';
import { type BreakerEvent, type Reply, transition } from '../../../src/policy/transition.js';
import { BreakerScripts } from '../../../src/stores/scripts.js';
import { dumpOfRecord, dumpOfRedis } from './dump.js';
import type { Announced } from './hearing.js';
import { type History, type Move, OPEN_MS, STATES } from './moves.js';

const NAME = 'stripe';
const START_MS = 1_800_000_000_123;

/** Model and script did not do the same. */
export class Difference extends Error {
  constructor(what: string, model: string, script: string) {
    super(`${what}\n  model:  ${model}\n  script: ${script}`);
  }
}

/** One history on the state machine and on the scripts at once, on one clock. */
export class Lockstep {
  /** How often each event was answered in each way. */
  readonly answers = new Map<string, number>();
  readonly #redis: Redis;
  readonly #hearing: Announced;
  readonly #keys = new BreakerKeys(uniquePrefix('history'));
  readonly #scripts: BreakerScripts;
  readonly #announced: View[] = [];
  readonly #clients = Array.from({ length: 4 }, () => ({ view: NOTHING_KNOWN, atMs: 0 }));
  readonly #tokens: number[] = [];
  #history!: History;
  #record: BreakerRecord = NEW_BREAKER;
  #nowMs = START_MS;
  #elapsedMs = 0;
  #leftMs = 0;

  constructor(redis: Redis, hearing: Announced, port: RedisPort = portOf(redis)) {
    this.#redis = redis;
    this.#hearing = hearing;
    this.#scripts = new BreakerScripts(new ScriptRunner(port), this.#keys, () => this.#nowMs);
  }

  /** Plays a history and looks at everything that it left. @throws Difference */
  async play(history: History): Promise<void> {
    this.#history = history;
    try {
      for (const move of history.moves) await this.#move(move);
      await this.#compareRest();
    } finally {
      await this.#redis.unlink(...this.#allKeys());
      this.#hearing.forget(this.#keys.channel);
    }
  }

  async #move(move: Move): Promise<void> {
    if (move.kind === 'tick') this.#pass(move.ms);
    else if (move.kind === 'lose') await this.#lose(move.what);
    else if (move.kind === 'probe') await this.#probe(move);
    else {
      const ask = this.#ask(move);
      await this.#both(move.client, ask, this.#event(move, ask));
    }
  }

  async #probe(move: Extract<Move, { kind: 'probe' }>): Promise<void> {
    const waitMs = Math.max(0, this.#record.untilMs - this.#nowMs);
    if (waitMs < 10 * OPEN_MS) this.#pass(waitMs);
    const granted = await this.#both(move.client, this.#ask(move), { kind: 'acquire' });
    if (granted.tag !== 'granted') return;
    this.#pass(move.laterMs);
    const { token } = granted;
    const settle = { kind: 'settle', token, outcome: move.outcome } as const;
    await this.#both(move.client, this.#ask(move), settle);
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    this.#elapsedMs += Math.abs(ms);
  }

  async #both(client: number, ask: Ask, event: BreakerEvent): Promise<Reply> {
    const { reply, next, announced } = transition(this.#record, ask, event, this.#nowMs);
    this.#record = next;
    if (announced) this.#announced.push(announced);
    this.#leftMs = Math.max(0, next.untilMs - this.#nowMs);
    const answered = await this.#scripts.apply(NAME, ask, event);
    compare(
      `${event.kind} of client ${client}: ${JSON.stringify({ event, ask })}`,
      reply,
      answered,
    );
    this.#learn(client, reply);
    const answer = `${event.kind} ${reply.tag}${detailOf(reply)}`;
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    return reply;
  }

  #learn(client: number, reply: Reply): void {
    this.#clients[client] = { view: reply, atMs: this.#elapsedMs };
    if (reply.tag === 'granted') this.#tokens.unshift(reply.token);
  }

  #ask({ client, forgery }: Move): Ask {
    const limits = this.#history.limits[client === 3 ? 1 : 0];
    const by = `p${client}`;
    const config = client === 3 ? 'other' : 'same';
    return {
      by,
      config,
      limits,
      jitter: this.#history.jitter,
      known: this.#known(client, forgery),
    };
  }

  #known(client: number, forgery: Move['forgery']): Known {
    const { view, atMs } = this.#clients[client] ?? { view: NOTHING_KNOWN, atMs: 0 };
    if (forgery === 'knows-nothing') return NOTHING_KNOWN;
    if (forgery === 'knows-more') {
      const epoch = this.#record.epoch + 1;
      const state = STATES[epoch % STATES.length] ?? 'closed';
      return { state, epoch, remainingMs: OPEN_MS, ageMs: 7, opens: 2, reason: 'known' };
    }
    const goneMs = this.#elapsedMs - atMs;
    const { state, epoch, remainingMs, ageMs, opens, reason } = view;
    const leftMs = Math.max(0, remainingMs - goneMs);
    return { state, epoch, opens, reason, remainingMs: leftMs, ageMs: ageMs + goneMs };
  }

  #event(move: Exclude<Move, { kind: 'tick' | 'lose' | 'probe' }>, ask: Ask): BreakerEvent {
    switch (move.kind) {
      case 'report': {
        const { kind, passed, failed, slow, trip } = move;
        const admittedEpoch = move.stale ? ask.known.epoch - 1 : ask.known.epoch;
        return { kind, passed, failed, slow, trip, admittedEpoch };
      }
      case 'settle':
        return {
          kind: 'settle',
          token: (this.#tokens[move.lease] ?? 5) + move.off,
          outcome: move.outcome,
        };
      case 'force': {
        const state = move.open ? 'forced-open' : 'forced-closed';
        return { kind: 'force', state, ttlMs: move.ttlMs, reason: `by p${move.client}` };
      }
      case 'release':
        return { kind: 'release', reason: 'enough' };
      default:
        return { kind: move.kind };
    }
  }

  async #lose(what: 'all' | 'state' | 'leases' | 'window'): Promise<void> {
    const { leases, windows } = this.#record;
    const all = this.#allKeys();
    if (what === 'all') this.#record = NEW_BREAKER;
    else if (what === 'state') this.#record = { ...NEW_BREAKER, leases, windows };
    else if (what === 'leases') this.#record = { ...this.#record, leases: new Map() };
    else this.#record = { ...this.#record, windows: new Map() };
    const lost = {
      all,
      state: [this.#keys.state(NAME)],
      leases: [this.#keys.leases(NAME)],
      window: all.slice(2),
    }[what];
    await this.#redis.del(...lost);
    // Tokens stay unique as long as the clock goes on between a loss and the next grant, as it does.
    this.#pass(1);
  }

  async #compareRest(): Promise<void> {
    const { limits } = this.#history;
    const kept = await dumpOfRedis(this.#redis, { keys: this.#keys, name: NAME, limits });
    compare('what is kept', dumpOfRecord(this.#record), kept);
    const heard = await this.#hearing.of(this.#keys.channel, this.#announced.length);
    const told = this.#announced.map((view) => ({ name: NAME, ...view }));
    compare('what is announced', told, heard);
    for (const key of this.#allKeys()) {
      const ttl = await this.#redis.pttl(key);
      if (ttl === -1) throw new Error(`${key} would stay for ever`);
      this.#checkLife(key, ttl);
    }
  }

  /** The state is kept as long as all keys, and as long after its end. */
  #checkLife(key: string, ttl: number): void {
    if (ttl < 0) return;
    const [{ keepMs }] = this.#history.limits;
    const lifeMs = keepMs + (key === this.#keys.state(NAME) ? this.#leftMs : 0);
    // The server's own time goes on meanwhile.
    if (ttl > lifeMs || ttl < lifeMs - 60_000)
      throw new Error(`${key} lives ${ttl}, not ${lifeMs}`);
  }

  #allKeys(): string[] {
    const { keys } = { keys: this.#keys };
    const perShape = this.#history.limits.flatMap((limits) => [
      keys.window(NAME, limits),
      keys.reporters(NAME, limits),
    ]);
    return [keys.state(NAME), keys.leases(NAME), ...perShape];
  }
}

/** What tells answers of one tag apart. */
function detailOf(reply: Reply): string {
  if (reply.tag === 'counted') return ` ${reply.hindrance}`;
  return reply.tag === 'settled' || reply.tag === 'opened' ? ` ${reply.state} ${reply.reason}` : '';
}

function compare(what: string, model: unknown, script: unknown): void {
  const [ours, theirs] = [sorted(model), sorted(script)];
  if (ours !== theirs) throw new Difference(what, ours, theirs);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
