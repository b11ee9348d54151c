import {
  type Checked,
  checkOptions,
  type Duration,
  isBulletproofError,
  reviveError,
  rule,
  type SerializedError,
} from '@bulletproof/kernel';
import { FlowOwnsCallError } from '../flow/errors.js';
import { parseAddress } from '../idempotency/address.js';
import type { RecordAddress, RecordStore } from '../idempotency/store.js';
import { label } from '../job/internal.js';
import { SupersededError } from '../job/run-errors.js';
import type { Bounded } from './bounded.js';
import type { DeadStory } from './dead-story.js';
import { type Delivery, fromEnvelope, toEnvelope } from './delivery.js';
import { NotDeadError } from './errors.js';
import { isTaskCallId } from './flows/task-id.js';
import type { CallHandle } from './handle.js';
import { addressOfId } from './identity.js';
import type { QueuePort } from './queue-port.js';

const PAGE = 100;

/** A call whose attempts are used up, or that was refused for good. */
export interface DeadCall {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly input: unknown;
  readonly idempotencyKey?: string;
  readonly attempts: number;
  readonly maxAttempts: number;
  /** The error as it was thrown, with its code and fields; its prototype is Error's. */
  readonly error: Error;
  readonly enqueuedAt: number;
  /** Time of death, epoch ms. */
  readonly diedAt: number;
}

/** Which dead calls are meant; everything given must hold. */
export interface DeadFilter {
  /** The job's name. */
  readonly name?: string;
  readonly queue?: string;
  /** The error's `code`, or its `name` when it has none. */
  readonly errorCode?: string;
  /** Died at least this long ago. */
  readonly olderThan?: Duration;
}

/** How to page through the dead. */
export interface DeadListOptions extends DeadFilter {
  /** @default 100 */
  readonly limit?: number;
  /** Only those that died at or before then, epoch ms: the `diedAt` of the last one of the page before. */
  readonly before?: number;
}

const FILTER_RULES = {
  name: rule.optional(label),
  queue: rule.optional(label),
  errorCode: rule.optional(label),
  olderThan: rule.optional(rule.duration()),
};
const LIST_RULES = {
  ...FILTER_RULES,
  limit: rule.defaulted(rule.integer({ min: 1, max: 10_000 }), PAGE),
  before: rule.optional(rule.integer({ min: 0, max: 8.64e15 })),
};

/** A filter after the checks. */
type Filter = Checked<typeof FILTER_RULES>;

/** What the dead set works with. */
export interface DeadSetParts {
  readonly bounded: Bounded;
  readonly store: RecordStore;
  readonly queues: QueuePort;
  readonly handleOf: (id: string, queue: string) => CallHandle;
  readonly anonymousTtlMs: number;
  readonly nowMs: () => number;
}

interface Looked {
  readonly address: RecordAddress;
  readonly story?: DeadStory;
  readonly state?: string;
  /** The delivery of a call that was brought back and not started yet. */
  readonly revived?: Delivery;
}

/** The dead calls of the app: kept for `keepDeadFor`, listed newest first, retried or discarded. */
export class DeadSet {
  readonly #parts: DeadSetParts;

  constructor(parts: DeadSetParts) {
    this.#parts = parts;
  }

  /**
   * Dead calls, newest first.
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  async list(options: DeadListOptions = {}): Promise<DeadCall[]> {
    const { limit, before, ...filter } = checkOptions('dead.list', options, LIST_RULES);
    const found: DeadCall[] = [];
    for await (const dead of this.#each(filter, before)) {
      found.push(dead);
      if (found.length >= limit) break;
    }
    return found;
  }

  /**
   * Enqueues a dead call again, with its recorded steps and a new set of attempts.
   * @throws SupersededError (`SUPERSEDED`) when a newer call holds or finished its key
   * @throws NotDeadError (`NOT_DEAD`) when no dead call has this id
   */
  async retry(id: string): Promise<CallHandle> {
    label(id, 'call id');
    if (isTaskCallId(id)) throw new FlowOwnsCallError(id, 'app.dead.retry()');
    return this.#parts.bounded.run((isRepeat) => this.#retry(id, isRepeat));
  }

  async #retry(id: string, isRepeat: boolean): Promise<CallHandle> {
    const { store, queues, handleOf, anonymousTtlMs } = this.#parts;
    const { story, state, address, revived } = await this.#story(id);
    if (isRepeat && revived) {
      // The transition was made, its answer lost: what is missing is the add.
      await queues.add(revived);
      return handleOf(id, revived.queue);
    }
    if (!story) throw new NotDeadError(id, state);
    const { dueAtMs: _due, expiresAtMs: _expires, made = 0, ...rest } = story.delivery;
    const attempts = rest.attempts + made;
    const delivery: Delivery = { ...rest, attempts, enqueuedAtMs: this.#parts.nowMs() };
    const ttlMs = delivery.address ? 0 : anonymousTtlMs;
    const envelope = toEnvelope(delivery);
    const { queue, digest = '' } = delivery;
    const reply = await store.revive({ address, id, digest, queue, envelope, ttlMs });
    switch (reply.tag) {
      case 'revived': {
        const { generation, token } = reply;
        await queues.add({ ...delivery, generation, token, ask: true });
        return handleOf(id, queue);
      }
      case 'superseded':
        throw new SupersededError(delivery.name, id, reply.id);
      case 'unknown':
        throw new NotDeadError(id, reply.state);
    }
  }

  /**
   * Retries all that match; those that cannot be are counted with the reason.
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  async retryAll(
    filter: DeadFilter = {},
  ): Promise<{ readonly retried: number; readonly refused: { id: string; error: Error }[] }> {
    let retried = 0;
    const refused: { id: string; error: Error }[] = [];
    for (const dead of await this.#all(checkOptions('dead.retryAll', filter, FILTER_RULES))) {
      try {
        await this.retry(dead.id);
        retried += 1;
      } catch (error) {
        if (!isBulletproofError(error)) throw error;
        refused.push({ id: dead.id, error });
      }
    }
    return { retried, refused };
  }

  /** Forgets a dead call; false when there was none of this id. */
  async discard(id: string): Promise<boolean> {
    label(id, 'call id');
    return this.#parts.bounded.run(async () => {
      const { address } = await this.#story(id);
      return this.#parts.store.discard(address, id);
    });
  }

  /** A fixed list first: what is retried leaves the set, and may die again while we go on. */
  async #all(filter: Filter): Promise<DeadCall[]> {
    const all: DeadCall[] = [];
    for await (const dead of this.#each(filter, undefined)) all.push(dead);
    return all;
  }

  async *#each(filter: Filter, before: number | undefined): AsyncGenerator<DeadCall> {
    const { store, nowMs, bounded } = this.#parts;
    const { olderThan } = filter;
    const limitMs =
      olderThan === undefined ? before : Math.min(before ?? Infinity, nowMs() - olderThan);
    const seen = new Set<string>();
    let beforeMs = limitMs;
    for (let count = PAGE; ; ) {
      const at = beforeMs === undefined ? {} : { beforeMs };
      const page = await bounded.run(() => store.listDead({ count, ...at }));
      const fresh = page.filter(({ id }) => !seen.has(id));
      const stories = await bounded.run(() => Promise.all(fresh.map(({ id }) => this.#story(id))));
      for (const [at, { id, diedAtMs }] of fresh.entries()) {
        seen.add(id);
        const story = stories[at]?.story;
        const dead = story && toDeadCall(id, diedAtMs, story);
        if (dead && matches(dead, filter)) yield dead;
      }
      if (page.length < count) return;
      // Many may have died in the same millisecond: a page without anything new asks for more of it.
      const last = page.at(-1)?.diedAtMs;
      if (fresh.length === 0) count *= 2;
      beforeMs = last ?? beforeMs;
    }
  }

  async #story(id: string): Promise<Looked> {
    const { store } = this.#parts;
    let address = addressOfId(id);
    let record = await store.inspect(address, id);
    if (record.tag === 'pointer') {
      address = parseAddress(record.address);
      record = await store.inspect(address, id);
    }
    if (record.tag === 'pointer') return { address };
    const own = record.tag === 'found' && record.id === id ? record : undefined;
    return {
      address,
      ...(record.story === undefined ? {} : { story: JSON.parse(record.story) as DeadStory }),
      ...(own ? { state: own.state } : {}),
      ...(own?.state === 'waiting' && own.envelope
        ? { revived: fromEnvelope(own.envelope, own) }
        : {}),
    };
  }
}

function toDeadCall(id: string, diedAt: number, story: DeadStory): DeadCall {
  const { delivery, error, attempts, maxAttempts } = story;
  return {
    id,
    name: delivery.name,
    queue: delivery.queue,
    input: delivery.input,
    ...(delivery.idempotencyKey === undefined ? {} : { idempotencyKey: delivery.idempotencyKey }),
    attempts,
    maxAttempts,
    error: reviveError(error as SerializedError),
    enqueuedAt: delivery.enqueuedAtMs,
    diedAt,
  };
}

function matches(dead: DeadCall, filter: Filter): boolean {
  const { code = dead.error.name } = dead.error as { code?: string };
  return (
    (filter.name === undefined || dead.name === filter.name) &&
    (filter.queue === undefined || dead.queue === filter.queue) &&
    (filter.errorCode === undefined || code === filter.errorCode)
  );
}
