import type { Clock, ClockTimer } from '@bulletproof/kernel';
import { StoreTimeoutError } from '../errors.js';
import type { Ask, View } from '../policy/state.js';
import type { BreakerEvent, Replies, Reply } from '../policy/transition.js';
import type { BreakerStore } from '../store.js';

const CONNECT_MS = 1_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** A breaker, as its link to the store sees it. */
export interface Member {
  readonly name: string;
  readonly timeoutMs: number;
  ask(): Ask;
  announced(view: View): void;
  /** The store can be reached: the state must be read. */
  up(): void;
  down(error: unknown): void;
  /** A reply came after all; what it granted must be given back. */
  late(reply: Reply): void;
}

/**
 * Guards a store for all breakers of a process that use it: bounded waits, no error to a caller, no commands while it is away except
 * one read now and then that looks whether it is back.
 */
export class StoreLink {
  readonly #store: BreakerStore;
  readonly #clock: Clock;
  readonly #members = new Set<Member>();
  readonly #ended: () => void;
  #stopListening: (() => void) | undefined;
  #isUp = false;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: ClockTimer | undefined;
  #looking = false;
  #closed: Promise<void> | undefined;

  /** @param ended called when the last member has left */
  constructor(store: BreakerStore, clock: Clock, ended: () => void = () => {}) {
    this.#store = store;
    this.#clock = clock;
    this.#ended = ended;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Resolves when the store's connections are closed, after the last member has left. */
  get closed(): Promise<void> {
    return this.#closed ?? Promise.resolve();
  }

  /** Adds a breaker; returns what takes it away again. */
  join(member: Member): () => void {
    this.#members.add(member);
    this.#stopListening ??= this.#store.listen({
      announced: (name, view) => {
        for (const each of this.#members) if (each.name === name) each.announced(view);
      },
      ready: () => {
        // A subscription that comes (back) late has missed what was announced before.
        if (this.#isUp) for (const each of this.#members) each.up();
        else void this.#look();
      },
    });
    if (this.#isUp) queueMicrotask(() => this.#members.has(member) && member.up());
    // A store that is not ready by then is away.
    else this.#timer ??= this.#clock.setTimer(CONNECT_MS, () => void this.#look());
    return () => this.#leave(member);
  }

  /** Applies an event; resolves with undefined when the store is away or does not answer in time. Never rejects. */
  async apply<E extends BreakerEvent>(
    member: Member,
    event: E,
  ): Promise<Replies[E['kind']] | undefined> {
    if (!this.#isUp) return undefined;
    try {
      return await this.#bounded(member, event);
    } catch (error) {
      this.#down(error);
      return undefined;
    }
  }

  #bounded<E extends BreakerEvent>(member: Member, event: E): Promise<Replies[E['kind']]> {
    return new Promise((resolve, reject) => {
      let waiting = true;
      const timer = this.#clock.setTimer(member.timeoutMs, () => {
        waiting = false;
        reject(new StoreTimeoutError(member.timeoutMs));
      });
      this.#store.apply(member.name, member.ask(), event).then(
        (reply) => {
          timer.cancel();
          if (waiting) resolve(reply);
          else member.late(reply);
        },
        (error: unknown) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }

  #down(error: unknown): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#pauseMs = FIRST_PAUSE_MS;
    for (const member of this.#members) member.down(error);
    this.#lookLater();
  }

  /** Reads the state of one breaker: when that works, the store is back. */
  async #look(): Promise<void> {
    const [member] = this.#members;
    if (this.#isUp || this.#looking || member === undefined) return;
    this.#looking = true;
    this.#timer?.cancel();
    try {
      await this.#bounded(member, { kind: 'read' });
      this.#isUp = true;
      for (const each of this.#members) each.up();
    } catch (error) {
      for (const each of this.#members) each.down(error);
      this.#lookLater();
    } finally {
      this.#looking = false;
    }
  }

  #lookLater(): void {
    if (this.#members.size === 0) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(this.#pauseMs, () => void this.#look());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  #leave(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#timer?.cancel();
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#isUp = false;
    // What was asked in this turn is sent at its end: leases are given back before the connection closes.
    this.#closed = new Promise((resolve) => setImmediate(resolve)).then(() => this.#store.close());
    this.#ended();
  }
}
