import { QueueEvents } from 'bullmq';
import type { AppConnection } from '../connections.js';
import { type BullParts, bullOptions } from './connection.js';

type Listener = () => void;

interface Stream {
  readonly events: Promise<QueueEvents | undefined>;
  readonly waiting: Map<string, Set<Listener>>;
}

const OVERLAP_MS = 1_000;

/** What the event streams of an app's queues need. */
export interface QueueEventsParts extends Pick<BullParts, 'prefix'> {
  /** A connection of their own that waits for Redis to come back; opened by the first waiter. */
  readonly eventsConnection: () => AppConnection;
  readonly onError: (error: unknown) => void;
}

/**
 * Tells waiting handles that something final was announced for their delivery. One event stream a queue, opened by
 * the first waiter. What it says is a hint to look: a handle also looks on its own from time to time.
 */
export class QueueEventsHub {
  readonly #parts: QueueEventsParts;
  readonly #onError: (error: unknown) => void;
  readonly #streams = new Map<string, Stream>();
  #closed = false;

  constructor(parts: QueueEventsParts) {
    this.#parts = parts;
    this.#onError = parts.onError;
  }

  /** Resolves when the end of this delivery is announced, or when the signal aborts. */
  settled(queue: string, id: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed) return Promise.resolve();
    const { waiting } = this.#stream(queue);
    return new Promise((resolve) => {
      const listeners = waiting.get(id) ?? new Set<Listener>();
      waiting.set(id, listeners);
      const done = (): void => {
        signal.removeEventListener('abort', done);
        listeners.delete(done);
        if (listeners.size === 0) waiting.delete(id);
        resolve();
      };
      listeners.add(done);
      signal.addEventListener('abort', done);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const { waiting } of streams) {
      for (const listeners of waiting.values()) for (const done of listeners) done();
    }
    await Promise.all(streams.map(async ({ events }) => (await events)?.close()));
  }

  #stream(queue: string): Stream {
    let stream = this.#streams.get(queue);
    if (!stream) {
      const waiting = new Map<string, Set<Listener>>();
      stream = { waiting, events: this.#open(queue, waiting) };
      this.#streams.set(queue, stream);
    }
    return stream;
  }

  async #open(
    queue: string,
    waiting: ReadonlyMap<string, ReadonlySet<Listener>>,
  ): Promise<QueueEvents | undefined> {
    const tell = ({ jobId }: { jobId: string }): void => {
      for (const done of waiting.get(jobId) ?? []) done();
    };
    try {
      // Reading from «now» by the server's clock, and a little before: reading from '$' loses what is said between
      // two reads.
      const connection = this.#parts.eventsConnection();
      const fromMs = (await connection.serverTimeMs()) - OVERLAP_MS;
      if (this.#closed) return undefined;
      const options = {
        ...bullOptions({ ...this.#parts, connection }),
        lastEventId: `${fromMs}-0`,
      };
      const events = new QueueEvents(queue, options);
      events.on('error', this.#onError);
      events.on('completed', tell);
      events.on('failed', tell);
      events.on('removed', tell);
      return events;
    } catch (error) {
      this.#streams.delete(queue); // the next waiter tries again; this one looks on its own
      this.#onError(error);
      return undefined;
    }
  }
}
