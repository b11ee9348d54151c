import { openRedis, type RedisConnection, type RedisSource } from '@bulletproof/kernel';

/** One of the app's connections, and what it says of itself. */
export interface AppConnection extends RedisConnection {
  /** Resolves when commands can be sent; at once when they can be now. */
  ready(): Promise<void>;
  /** What the connection complained of since it was last ready; undefined when all is well. */
  lastError(): unknown;
  /** The server's clock, epoch ms. */
  serverTimeMs(): Promise<number>;
}

/** A primary that was demoted answers READONLY on a connection that is still up: look for the new one. */
const reconnectOnError = (error: Error): boolean => error.message.startsWith('READONLY');

/** Between two tries to connect, ms: soon at first, so that a short outage costs little. */
const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1_000);

/** What an app's own options of these names would break: connections that never open, commands that give up. */
const ALWAYS = { lazyConnect: false, commandTimeout: undefined, retryStrategy, reconnectOnError };

const ROLES = {
  /**
   * For producers. Nothing is queued in the client and nothing is sent again behind our back: what the connection
   * loses is rejected at once, and our own loop repeats it, marked as a repeat.
   */
  'fail-fast': {
    ...ALWAYS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  },
  /** For workers: commands wait for the connection to come back. BullMQ wants exactly this. */
  patient: {
    ...ALWAYS,
    enableOfflineQueue: true,
    autoResendUnfulfilledCommands: true,
    maxRetriesPerRequest: null,
  },
} as const;

/** Opens a connection of the app; does not wait until it is ready. */
export function connect(redis: RedisSource, name: string, role: keyof typeof ROLES): AppConnection {
  let lastError: unknown;
  const connection = openRedis(redis, {
    name,
    overrides: ROLES[role],
    onError: (error) => {
      lastError = error;
    },
  });
  const { client } = connection;
  client.on('ready', () => {
    lastError = undefined;
  });
  let becoming: Promise<void> | undefined;
  return {
    ...connection,
    lastError: () => lastError,
    ready: () => {
      if (client.status === 'ready') return READY;
      becoming ??= becomesReady(client).finally(() => {
        becoming = undefined;
      });
      return becoming;
    },
    serverTimeMs: async () => {
      const [seconds = 0, micros = 0] = (await client.time()).map(Number);
      return seconds * 1000 + Math.floor(micros / 1000);
    },
  };
}

const READY = Promise.resolve();

function becomesReady(client: RedisConnection['client']): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      client.off('ready', onReady);
      client.off('end', onEnd);
    };
    const onReady = (): void => {
      stop();
      resolve();
    };
    const onEnd = (): void => {
      stop();
      reject(new Error('Connection is closed.'));
    };
    client.on('ready', onReady);
    client.on('end', onEnd);
  });
}
