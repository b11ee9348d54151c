import type { Keyspace, ScriptRunner } from '@bulletproof/kernel';
import { ScheduleKeys } from '../keys.js';
import {
  advance,
  declare,
  findDue,
  forget,
  lookUp,
  nameAll,
  seize,
} from '../lua/scripts.generated.js';
import type {
  AdvanceReply,
  AdvanceRequest,
  DeclareReply,
  DeclareRequest,
  DueReply,
  LookUpReply,
  ScheduleStore,
  SeizeReply,
  SeizeRequest,
} from '../store.js';

/** Of more schedules an app would want a database. */
const MOST_NAMES = 1_000_000;

/** The store of schedules in Redis: one script an operation, on the server's clock. */
export class RedisScheduleStore implements ScheduleStore {
  readonly #scripts: ScriptRunner;
  readonly #keys: ScheduleKeys;
  readonly #now: (() => number) | undefined;

  /** @param now replaces the server's clock (epoch ms); for tests only */
  constructor(scripts: ScriptRunner, keyspace: Keyspace, now?: () => number) {
    this.#scripts = scripts;
    this.#keys = new ScheduleKeys(keyspace);
    this.#now = now;
  }

  findDue(count: number): Promise<DueReply> {
    return this.#scripts
      .run(findDue, { keys: { index: this.#keys.index() }, args: { count, ...this.#at() } })
      .then(({ nowMs, names, nextMs, total }) => ({ nowMs, names, nextMs, total }));
  }

  seize({ name, owner, leaseMs, early }: SeizeRequest): Promise<SeizeReply> {
    return this.#scripts.run(seize, {
      keys: this.#both(name),
      args: { name, owner, leaseMs, early: early ? 1 : 0, ...this.#at() },
    });
  }

  advance({ hold, wakeMs, ...request }: AdvanceRequest): Promise<AdvanceReply> {
    return this.#scripts.run(advance, {
      keys: this.#both(request.name),
      args: { ...request, ...given(wakeMs), hold: hold ? 1 : 0 },
    });
  }

  declare({ wakeMs, ...request }: DeclareRequest): Promise<DeclareReply> {
    return this.#scripts.run(declare, {
      keys: this.#both(request.name),
      args: { ...request, ...given(wakeMs), ...this.#at() },
    });
  }

  lookUp(name: string): Promise<LookUpReply> {
    return this.#scripts.run(lookUp, {
      keys: { schedule: this.#keys.schedule(name) },
      args: this.#at(),
    });
  }

  async forget(name: string, version?: number): Promise<boolean> {
    const reply = await this.#scripts.run(forget, {
      keys: this.#both(name),
      args: { name, ...(version === undefined ? {} : { version }) },
    });
    return reply.tag === 'forgotten';
  }

  async names(): Promise<string[]> {
    const { names } = await this.#scripts.run(nameAll, {
      keys: { index: this.#keys.index() },
      args: { most: MOST_NAMES },
    });
    return [...names].sort();
  }

  #both(name: string): { readonly schedule: string; readonly index: string } {
    return { schedule: this.#keys.schedule(name), index: this.#keys.index() };
  }

  #at(): { readonly nowMs?: number } {
    return this.#now ? { nowMs: this.#now() } : {};
  }
}

function given(wakeMs: number | undefined): { readonly wakeMs?: number } {
  return wakeMs === undefined ? {} : { wakeMs };
}
