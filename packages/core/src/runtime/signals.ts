import type { RedisConnection } from '@bulletproof/kernel';

/** What processes of one app tell each other. A hint: what must not be missed is in a record. */
export interface CancelSignal {
  readonly id: string;
  readonly reason?: string;
}

/** Publishes cancellations, and hears those of other processes. */
export class Signals {
  readonly #channel: string;

  constructor(prefix: string) {
    this.#channel = `${prefix}:signals`;
  }

  async announceCancel(connection: RedisConnection, signal: CancelSignal): Promise<void> {
    await connection.client.publish(this.#channel, JSON.stringify({ cancel: signal }));
  }

  /** Listens on a connection of its own, again after every reconnect. */
  async listen(
    connection: RedisConnection,
    onCancel: (signal: CancelSignal) => void,
  ): Promise<void> {
    connection.client.on('message', (channel: string, text: string) => {
      if (channel !== this.#channel) return;
      const signal = parse(text);
      if (signal) onCancel(signal);
    });
    await connection.client.subscribe(this.#channel);
  }
}

function parse(text: string): CancelSignal | undefined {
  try {
    const { cancel } = JSON.parse(text) as { cancel?: CancelSignal };
    return typeof cancel?.id === 'string' ? cancel : undefined;
  } catch {
    return undefined; // not ours
  }
}
