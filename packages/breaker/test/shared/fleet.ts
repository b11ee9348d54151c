import { ManualClock } from '@bulletproof/kernel';
import {
  type Ask,
  type BreakerEvent,
  type BreakerStore,
  CircuitBreaker,
  type CircuitBreakerOptions,
  MemoryBreakerStore,
  type Replies,
  type StoreListener,
} from '../../src/index.js';

/** One process's way to the fleet's store, which a test may damage. */
export class FlakyStore implements BreakerStore {
  mode: 'up' | 'failing' | 'hanging' = 'up';
  /** False: announcements get lost. */
  hears = true;
  /** Events that were sent, by kind. */
  readonly sent: BreakerEvent['kind'][] = [];
  closed = false;
  readonly #inner: MemoryBreakerStore;
  readonly #listeners = new Set<StoreListener>();
  readonly #held: (() => void)[] = [];
  #stop: (() => void) | undefined;

  constructor(inner: MemoryBreakerStore) {
    this.#inner = inner;
  }

  async apply<E extends BreakerEvent>(
    name: string,
    ask: Ask,
    event: E,
  ): Promise<Replies[E['kind']]> {
    this.sent.push(event.kind);
    if (this.mode === 'failing') throw new Error('the store is away');
    if (this.mode === 'hanging') await new Promise<void>((resolve) => this.#held.push(resolve));
    return this.#inner.apply(name, ask, event);
  }

  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    this.#stop ??= this.#inner.listen({
      announced: (name, view) => {
        if (!this.hears || this.mode !== 'up') return;
        for (const each of this.#listeners) each.announced(name, view);
      },
    });
    queueMicrotask(() => listener.ready?.());
    return () => {
      this.#listeners.delete(listener);
      this.#stop?.();
    };
  }

  /** What was held back goes on. */
  recover(): void {
    this.mode = 'up';
    for (const go of this.#held.splice(0)) go();
    for (const listener of this.#listeners) listener.ready?.();
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** One process of a fleet. */
export interface Member {
  readonly breaker: CircuitBreaker<[], string>;
  readonly store: FlakyStore;
  /** Names of events, in order. */
  readonly events: string[];
  /** Calls that reached the dependency. */
  calls: number;
}

/** As many as a test has asked for; it knows how many these are. */
export type AsManyMembers = readonly [Member, Member, Member, ...Member[]];

const WATCHED = ['open', 'close', 'halfOpen', 'storeUp', 'storeDown', 'configMismatch'] as const;

/** Breakers of one name in several "processes", on one clock and with a dependency that a test turns off. */
export class TestFleet {
  readonly clock = new ManualClock();
  readonly store = new MemoryBreakerStore(() => this.clock.nowMs());
  readonly members: Member[] = [];
  /** What the dependency does. */
  answer: (member: Member) => Promise<string> = async () => 'fine';

  /** Adds a process. */
  add(options: CircuitBreakerOptions = {}): Member {
    const store = new FlakyStore(this.store);
    const member = { store, events: [] as string[], calls: 0 } as unknown as Member;
    const action = (): Promise<string> => {
      member.calls += 1;
      return this.answer(member);
    };
    const breaker = new CircuitBreaker<[], string>(action, {
      name: 'stripe',
      store,
      clock: this.clock,
      processId: `p${this.members.length}`,

      timeout: false,
      resetTimeout: 1_000,
      resetJitter: 0,
      probeLease: 400,
      random: () => 0.5,
      ...options,
    });
    for (const event of WATCHED) breaker.on(event, () => member.events.push(event));
    Object.assign(member, { breaker });
    this.members.push(member);
    return member;
  }

  /** Adds so many processes, and lets them read the state. */
  async of(count: number, options: CircuitBreakerOptions = {}): Promise<AsManyMembers> {
    const members = Array.from({ length: count }, () => this.add(options));
    await this.settle();
    for (const member of members) {
      member.events.length = 0;
      member.store.sent.length = 0;
    }
    return members as unknown as AsManyMembers;
  }

  get first(): Member {
    return this.member(0);
  }

  member(index: number): Member {
    const member = this.members[index];
    if (!member) throw new Error(`there is no member ${index}`);
    return member;
  }

  fail(): void {
    this.answer = async () => {
      throw new Error('down');
    };
  }

  recover(): void {
    this.answer = async () => 'fine';
  }

  /** Lets promises and messages run, without moving the clock. */
  settle(): Promise<void> {
    return this.clock.advanceAsync(0);
  }

  pass(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }

  /** How each member's breaker looks. */
  get states(): string[] {
    return this.members.map(({ breaker }) => breaker.snapshot().state);
  }

  /** Calls that reached the dependency, of all. */
  get calls(): number {
    return this.members.reduce((sum, { calls }) => sum + calls, 0);
  }

  close(): void {
    for (const { breaker } of this.members) breaker.shutdown();
  }
}

/** A call's result or the message of its error, once it has settled. */
export function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: Error & { code?: string }) => error.code ?? error.message);
}
