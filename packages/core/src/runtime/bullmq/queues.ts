import { Job, Queue } from 'bullmq';
import { atMost } from '../at-most.js';
import type { Delivery } from '../delivery.js';
import { deliveryId, isKeyedId } from '../identity.js';
import type { DeliveryView, Presence, QueuePort, QueueStatus } from '../queue-port.js';
import { toError } from '../thrown.js';
import { type BullParts, bullOptions } from './connection.js';
import { QueueEventsHub, type QueueEventsParts } from './events.js';
import { ADD_ONCE_MS, toBullJob, toDelivery, toView } from './mapping.js';

/** The longest that closing waits for BullMQ. */
const CLOSE_MS = 2_000;

/** BullMQ's answer to a removal of a job that a worker holds. */
const isLocked = (error: unknown): boolean =>
  error instanceof Error && /locked|could not be removed/i.test(error.message);

/** What the queues of an app are made of. */
export interface BullQueuesParts extends BullParts, QueueEventsParts {}

/** The queue operations of producers and handles, on BullMQ. */
export class BullQueues implements QueuePort {
  readonly #parts: BullParts;
  readonly #queues = new Map<string, Queue>();
  readonly #events: QueueEventsHub;
  readonly #onError: (error: unknown) => void;

  constructor(parts: BullQueuesParts) {
    this.#parts = parts;
    this.#onError = parts.onError;
    this.#events = new QueueEventsHub(parts);
  }

  async add(delivery: Delivery): Promise<void> {
    const { jobId, job } = toBullJob(delivery);
    const queue = this.#queue(delivery.queue);
    let state: string | undefined;
    const id = await this.#guard(delivery.queue, async () => {
      const added = queue.backend.addJob(job, jobId);
      const looked = this.#stateAfter(queue, delivery);
      if (looked === undefined) return added;
      const [answer, seen] = await Promise.all([added, looked]);
      state = seen;
      return answer;
    });
    assertAdded(id, delivery);
    if (mayBeUseless(state)) await this.#replaceUseless(queue, delivery, state);
  }

  async addMany(queue: string, deliveries: readonly Delivery[]): Promise<(Error | undefined)[]> {
    const bull = this.#queue(queue);
    const [ids, states] = await this.#guard(queue, () =>
      Promise.all([
        bull.backend.addJobs(deliveries.map(toBullJob)),
        Promise.all(deliveries.map(async (delivery) => this.#stateAfter(bull, delivery))),
      ]),
    );
    return Promise.all(
      deliveries.map(async (delivery, index) => {
        try {
          assertAdded(ids[index], delivery);
          const state = states[index];
          if (mayBeUseless(state)) await this.#replaceUseless(bull, delivery, state);
          return undefined;
        } catch (error) {
          return toError(error);
        }
      }),
    );
  }

  async find(queue: string, id: string): Promise<DeliveryView | undefined> {
    const bull = this.#queue(queue);
    // In this order: a job that ends in between is seen as still running, never as ended without its result.
    const [state, job] = await this.#guard(queue, () =>
      Promise.all([bull.getJobState(id), Job.fromId(bull, id)]),
    );
    return job ? toView(job, state, queue) : undefined;
  }

  async presence(queue: string, ids: readonly string[]): Promise<Presence[]> {
    const bull = this.#queue(queue);
    const { client } = this.#parts.connection;
    // Not getState(): that searches the waiting list, and a pass over a backlog would take its square.
    const read = (id: string) =>
      client.hmget(bull.toKey(id), 'timestamp', 'finishedOn', 'returnvalue');
    const rows = await Promise.all(ids.map(read));
    return rows.map(([addedAt, finishedAt, value]) => {
      if (addedAt == null) return 'missing';
      if (finishedAt == null) return 'open';
      return value == null ? 'failed' : 'completed';
    });
  }

  async withdraw(queue: string, id: string): Promise<'withdrawn' | 'running' | 'missing'> {
    const job = await this.#guard(queue, () => Job.fromId(this.#queue(queue), id));
    if (!job) return 'missing';
    const { deduplicationId } = job;
    if (deduplicationId) {
      // With its job BullMQ forgets that it was added, unless its note of that names another one.
      const note = this.#queue(queue).toKey(`de:${deduplicationId}`);
      await this.#parts.connection.client.set(note, `${id}~withdrawn`, 'PX', ADD_ONCE_MS);
    }
    return (await this.#remove(queue, id)) ? 'withdrawn' : 'running';
  }

  /** False when a worker holds it; true when it is gone, also when it was not there. */
  async #remove(queue: string, id: string): Promise<boolean> {
    try {
      return (await this.#guard(queue, () => this.#queue(queue).remove(id))) === 1;
    } catch (error) {
      if (isLocked(error)) return false;
      throw error;
    }
  }

  async status(queue: string): Promise<QueueStatus> {
    const bull = this.#queue(queue);
    const [counts, paused] = await this.#guard(queue, () =>
      Promise.all([bull.getJobCounts(), bull.isPaused()]),
    );
    const count = (...states: string[]): number =>
      states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    return {
      name: queue,
      paused,
      waiting: count('waiting', 'paused', 'prioritized', 'waiting-children'),
      delayed: count('delayed'),
      running: count('active'),
      completed: count('completed'),
      failed: count('failed'),
    };
  }

  async oldestWaiting(queue: string): Promise<number | undefined> {
    const bull = this.#queue(queue);
    const { client } = this.#parts.connection;
    const [waiting, paused] = await Promise.all([
      client.lindex(bull.toKey('wait'), -1),
      client.lindex(bull.toKey('paused'), -1),
    ]);
    const id = waiting ?? paused;
    if (id == null) return undefined;
    const [[addedAt, delay], [seconds, micros]] = await Promise.all([
      client.hmget(bull.toKey(id), 'timestamp', 'delay'),
      client.time(),
    ]);
    if (addedAt == null) return undefined; // it was fetched meanwhile
    const now = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    return Math.max(0, now - Number(addedAt) - Number(delay ?? 0));
  }

  async pause(queue: string): Promise<void> {
    await this.#guard(queue, () => this.#queue(queue).pause());
  }

  async resume(queue: string): Promise<void> {
    await this.#guard(queue, () => this.#queue(queue).resume());
  }

  settled(queue: string, id: string, signal: AbortSignal): Promise<void> {
    return this.#events.settled(queue, id, signal);
  }

  /** BullMQ waits for the end of a connection that has none to come when it was looking for its server: not we. */
  async close(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    const closed = Promise.all([this.#events.close(), ...queues.map((queue) => queue.close())]);
    await atMost(closed, CLOSE_MS);
  }

  /** Asked for with the add, and so answered after it. Only an id that a caller gave can have been used before. */
  #stateAfter(queue: Queue, delivery: Delivery): Promise<string> | undefined {
    const { id, address, again } = delivery;
    const isGiven = again || (address && !isKeyedId(id));
    return isGiven ? queue.getJobState(deliveryId(delivery)) : undefined;
  }

  /**
   * BullMQ takes every job that it has under an id for the one that is added. Two kinds will never run: a finished
   * one, which it trims late, of a call whose id was used before and forgotten since; and a torso in no list, left by
   * a script that the server's access rules ended halfway. Who sees one takes it away and adds again, asking. Of two
   * who see it the later may take away what the earlier has added, and adds the same again; what runs by then stays.
   */
  async #replaceUseless(queue: Queue, delivery: Delivery, seen: string): Promise<void> {
    const id = deliveryId(delivery);
    const job = await Job.fromId(queue, id);
    if (!job) return;
    const isUseless = isFinished(seen)
      ? toDelivery(job, delivery.queue).token !== delivery.token
      : (await queue.getJobState(id)) === 'unknown';
    if (!isUseless || !(await this.#remove(delivery.queue, id))) return;
    const again = toBullJob(delivery.address ? { ...delivery, ask: true } : delivery);
    await queue.backend.addJob(again.job, again.jobId);
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new Queue(name, bullOptions(this.#parts));
      queue.on('error', this.#onError);
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** A BullMQ queue whose first contact with Redis failed stays broken: it is made anew for the next try. */
  async #guard<T>(name: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queue(name);
    try {
      return await work();
    } catch (error) {
      const isUsable = await Promise.race([
        queue.waitUntilReady().then(
          () => true,
          () => false,
        ),
        new Promise<boolean>((resolve) => setImmediate(() => resolve(true))),
      ]);
      if (!isUsable && this.#queues.get(name) === queue) {
        this.#queues.delete(name);
        queue.close().catch(this.#onError);
      }
      throw error;
    }
  }
}

const isFinished = (state: string): boolean => state === 'completed' || state === 'failed';

const mayBeUseless = (state: string | undefined): state is string =>
  state !== undefined && (isFinished(state) || state === 'unknown');

/** BullMQ answers some refusals of a bulk add with a negative number in place of the id. */
function assertAdded(id: string | undefined, delivery: Delivery): void {
  const wanted = deliveryId(delivery);
  if (id === undefined || /^-\d+$/.test(String(id))) {
    throw new Error(`BullMQ did not add the delivery '${wanted}' (answer ${String(id)})`);
  }
}
