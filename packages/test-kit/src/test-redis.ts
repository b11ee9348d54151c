import { Redis, type RedisOptions } from 'ioredis';

/**
 * ioredis keeps a timer of this length, and with it the process, when it is disconnected while its server is away; its default is
 * 2 s.
 */
export const DISCONNECT_MS = 50;

/** The Redis that a test command shares among its test files. */
export interface TestRedis {
  /** Its address: what the code under test is given. */
  readonly url: string;
  /** A connection for the test's own questions, opened at its first use. */
  readonly client: Redis;
  /** One more connection of its own. */
  connect(options?: RedisOptions): Redis;
  /** Closes all connections that came from here; the server stays. */
  close(): Promise<void>;
}

/**
 * The shared server that Jest's global set-up has started. Close it in `afterAll`.
 * @throws Error outside a test command.
 */
export function testRedis(): TestRedis {
  const url = process.env.TEST_REDIS_URL;
  if (!url) {
    throw new Error(
      'TEST_REDIS_URL is not set: take jest.base.js as the Jest config, or use ownRedis().',
    );
  }
  const connections: Redis[] = [];
  const connect = (options: RedisOptions = {}) => {
    const connection = new Redis(url, {
      maxRetriesPerRequest: null,
      disconnectTimeout: DISCONNECT_MS,
      ...options,
    });
    connections.push(connection);
    return connection;
  };
  let client: Redis | undefined;
  return {
    url,
    get client() {
      client ??= connect();
      return client;
    },
    connect,
    async close() {
      client = undefined;
      await Promise.all(connections.splice(0).map(disconnect));
    },
  };
}

/** Closes a connection, whatever its state, and resolves when it is closed. */
export async function disconnect(connection: Redis): Promise<void> {
  const { status } = connection;
  const ended = new Promise<void>((resolve) => connection.once('end', () => resolve()));
  connection.disconnect();
  // In the other states there is no socket whose end could be awaited, and ioredis announces none.
  if (status === 'connecting' || status === 'connect' || status === 'ready') await ended;
}
