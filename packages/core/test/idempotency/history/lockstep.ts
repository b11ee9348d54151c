import { type Keyspace, keyspace, portOf, type RedisPort, ScriptRunner } from '@bulletproof/kernel';
import { uniquePrefix } from '@bulletproof/test-kit';
import type { Redis } from 'ioredis';
import {
  MemoryRecordStore,
  type RecordStore,
  RedisRecordStore,
} from '../../../src/idempotency/index.js';
import { RecordKeys } from '../../../src/idempotency/keys.js';
import { InjectedExpiry } from '../injected-expiry.js';
import { START_MS } from '../subject.js';
import { LIVES_MS, type Move } from './moves.js';
import { type Operation, op } from './operation.js';
import { immortal, unowned } from './ownership.js';
import { survey } from './survey.js';
import { World } from './world.js';

/** The two stores answered one operation differently. */
export class Difference extends Error {
  constructor(operation: Operation, memory: string, redis: string) {
    super(
      `${operation.name} ${JSON.stringify(operation.args)}\n  memory: ${memory}\n  redis:  ${redis}`,
    );
  }
}

/** One history on both stores at once, on one clock. */
export class Lockstep {
  /** Operations made so far on each store. */
  operations = 0;
  /** How often each operation was answered in each way. */
  readonly answers = new Map<string, number>();
  readonly #redis: Redis;
  readonly #keyspace: Keyspace = keyspace(uniquePrefix('history'));
  readonly #keys = new RecordKeys(this.#keyspace);
  readonly #expiry: InjectedExpiry;
  readonly #stores: { readonly memory: RecordStore; readonly redis: RecordStore };
  readonly #world: World;
  #nowMs = START_MS;

  constructor(redis: Redis, port: RedisPort = portOf(redis)) {
    const now = (): number => this.#nowMs;
    this.#redis = redis;
    this.#expiry = new InjectedExpiry(redis);
    this.#world = new World(now);
    this.#stores = {
      memory: new MemoryRecordStore(now),
      redis: new RedisRecordStore(new ScriptRunner(port), this.#keyspace, now),
    };
  }

  /** Plays a history and looks at everything that it left. @throws Difference */
  async play(moves: readonly Move[]): Promise<void> {
    try {
      for (const move of moves) await this.#move(move);
      // Before a look at the open ones, which takes out of their index what is gone.
      await this.#checkOwners();
      await this.#lookAtAll();
      await this.#probe();
      await this.#tick(Math.max(...LIVES_MS));
      await this.#lookAtAll();
      await this.#endAll();
    } finally {
      await this.#redis.unlink(...this.#allKeys());
    }
  }

  async #move(move: Move): Promise<void> {
    if (move.kind === 'tick') return this.#tick(move.ms);
    const operation = this.#world.operation(move);
    if (!operation) return;
    const rounds = move.together ? [move.times] : Array.from({ length: move.times }, () => 1);
    for (const times of rounds) {
      for (const reply of await this.#both(operation, times)) operation.learn(reply);
    }
  }

  async #tick(ms: number): Promise<void> {
    await this.#expiry.move(this.#allKeys(), this.#nowMs, this.#nowMs + ms);
    this.#nowMs += ms;
  }

  async #both(operation: Operation, times = 1): Promise<unknown[]> {
    this.operations += times;
    const { memory, redis } = this.#stores;
    const made = Array.from({ length: times }, () => 0);
    const [ours, theirs] = await Promise.all([
      Promise.all(made.map(() => operation.make(memory))),
      Promise.all(made.map(() => operation.make(redis))),
    ]);
    for (const [index, reply] of ours.entries()) {
      const expected = comparable(reply);
      const answered = comparable(theirs[index]);
      if (expected !== answered) throw new Difference(operation, expected, answered);
      const answer = `${operation.name} ${tagOf(reply)}`;
      this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    }
    return ours;
  }

  async #checkOwners(): Promise<void> {
    const problems = await unowned(this.#redis, this.#keys, this.#world.places);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  /** Cancels what is open; then nothing may be left that would stay for ever. */
  async #endAll(): Promise<void> {
    const rest = { reason: 'the end', queue: '', leaseMs: 1, keepMs: LIVES_MS[0] };
    for (const { address } of this.#world.places) {
      const found = await this.#stores.memory.inspect(address, '');
      if (found.tag !== 'found') continue;
      const request = { address, id: found.id, create: false, idle: true, ...rest };
      await this.#both(op('cancel', request, (store) => store.cancel(request)));
    }
    const all = this.#allKeys();
    const left = await immortal(this.#redis, this.#keys, this.#world.places, all);
    if (left.length > 0) throw new Error(`These would stay for ever: ${left.join(', ')}`);
  }

  /** Every record, every story, the lists of the dead and of the open. */
  async #lookAtAll(): Promise<void> {
    for (const { address, ids } of this.#world.places) {
      for (const id of ids.length > 0 ? ids : ['nobody']) {
        await this.#both(op('inspect', { address, id }, (store) => store.inspect(address, id)));
      }
    }
    await this.#both(op('listDead', {}, (store) => store.listDead({ count: 100 })));
    await this.#both(survey(this.#nowMs, this.#world.places));
  }

  /** A newer run of each open call sees its steps, which no other answer shows. */
  async #probe(): Promise<void> {
    for (const { address } of this.#world.places) {
      const found = await this.#stores.memory.inspect(address, '');
      if (found.tag !== 'found') continue;
      const { id, token } = found;
      const run = { address, id, digest: '', queue: '', generation: 99, start: 1, token, ttlMs: 0 };
      await this.#tick(found.leaseLeftMs);
      await this.#both(op('claim', run, (store) => store.claim(run, 1)));
    }
  }

  #allKeys(): string[] {
    const keys = new Set<string>();
    for (const { address, ids } of this.#world.places) {
      keys.add(this.#keys.record(address));
      keys.add(this.#keys.open(address));
      keys.add(this.#keys.deads(address));
      keys.add(this.#keys.ends(address));
      for (const id of ids) {
        keys.add(this.#keys.dead(address, id));
        keys.add(this.#keys.gone(address, id));
        keys.add(this.#keys.record({ kind: 'call', name: id }));
      }
    }
    return [...keys];
  }
}

function tagOf(reply: unknown): string {
  if (typeof reply !== 'object' || reply === null || !('tag' in reply)) return String(reply);
  return String(reply.tag);
}

/** A reply as text: fields in one order, steps too, since a record keeps them in none. */
function comparable(reply: unknown): string {
  if (Array.isArray(reply) || typeof reply !== 'object' || reply === null) {
    return JSON.stringify(reply);
  }
  const entries = Object.entries(reply)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, name === 'steps' ? sortedPairs(value) : value] as const);
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

function sortedPairs(flat: readonly string[]): string[][] {
  const pairs: string[][] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push(flat.slice(at, at + 2));
  return pairs.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}
