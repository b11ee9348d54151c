import type { RedisConnection } from '@bulletproof/kernel';

/** What processes of one app tell each other. A hint: what must not be missed is in a record. */
export interface CancelSignal {
  readonly id: string;
  readonly reason?: string;
}

/** What is done about what other processes tell. */
export interface SignalListeners {
  readonly onCancel: (signal: CancelSignal) => void;
  /** A schedule was made or changed. */
  readonly onSchedules: () => void;
}

/** Publishes what other processes should know soon, and hears what they publish. */
export class Signals {
  readonly #channel: string;

  constructor(prefix: string) {
    this.#channel = `${prefix}:signals`;
  }

  async announceCancel(connection: RedisConnection, signal: CancelSignal): Promise<void> {
    await connection.client.publish(this.#channel, JSON.stringify({ cancel: signal }));
  }

  /** Tells the workers that a schedule was made or changed. */
  async announceSchedules(connection: RedisConnection): Promise<void> {
    await connection.client.publish(this.#channel, JSON.stringify({ schedules: true }));
  }

  /** Listens on a connection of its own, again after every reconnect. */
  async listen(connection: RedisConnection, heard: SignalListeners): Promise<void> {
    connection.client.on('message', (channel: string, text: string) => {
      if (channel !== this.#channel) return;
      const { cancel, schedules } = parse(text);
      if (typeof cancel?.id === 'string') heard.onCancel(cancel);
      if (schedules) heard.onSchedules();
    });
    await connection.client.subscribe(this.#channel);
  }
}

interface Message {
  readonly cancel?: CancelSignal;
  readonly schedules?: boolean;
}

function parse(text: string): Message {
  try {
    return (JSON.parse(text) ?? {}) as Message;
  } catch {
    return {}; // not ours
  }
}
