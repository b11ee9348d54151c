import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { systemClock } from '../clock.js';
import { refuseOption } from '../options.js';
import type { RedisPort } from './port.js';

/** A client of the ioredis library. */
export type RedisClient = Redis | Cluster;

/** Where Redis is: a `redis://` or `rediss://` URL, ioredis options, or a ready client (which is duplicated, never used or closed). */
export type RedisSource = string | RedisOptions | RedisClient;

/** How {@link openRedis} sets up a connection. */
export interface OpenRedisOptions {
  /** Name of the connection in `CLIENT LIST`. */
  readonly name: string;
  /** ioredis options that win over those of the source. @default none */
  readonly overrides?: RedisOptions;
  /** Gets the errors of the connection itself; commands reject on their own. @default they are dropped */
  readonly onError?: (error: Error) => void;
}

/** A connection of our own. */
export interface RedisConnection {
  readonly client: RedisClient;
  /** What {@link ScriptRunner} needs. */
  readonly port: RedisPort;
  readonly isCluster: boolean;
  /** Waits (2 s at most) for the replies of what was sent, then closes; never rejects, and twice does no harm. */
  close(): Promise<void>;
}

/**
 * Opens a connection; does not wait until it is ready.
 * @throws InvalidOptionError `INVALID_OPTION` when the source is none of its three forms or sets a `keyPrefix`
 */
export function openRedis(
  source: RedisSource,
  { name, overrides = {}, onError = () => {} }: OpenRedisOptions,
): RedisConnection {
  const client = clientOf(source, { ...overrides, connectionName: name });
  // Without a listener ioredis writes to the console.
  client.on('error', onError);
  return {
    client,
    port: portOf(client),
    isCluster: client.isCluster,
    close: () => closeClient(client),
  };
}

/** The script commands of a client. */
export function portOf(client: RedisClient): RedisPort {
  return {
    isCluster: client.isCluster,
    evalsha: (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
    eval: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
  };
}

function clientOf(source: unknown, overrides: RedisOptions): RedisClient {
  if (typeof source === 'string') return new Redis(checkedUrl(source), overrides);
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    refuseOption('redis', 'a redis:// URL, ioredis options or an ioredis client', source);
  }
  if (!isClient(source)) {
    const options: RedisOptions = source;
    refuseKeyPrefix(options.keyPrefix);
    return new Redis({ ...options, ...overrides });
  }
  if (isCluster(source)) return duplicateCluster(source, overrides);
  refuseKeyPrefix(source.options.keyPrefix);
  return source.duplicate(overrides);
}

function duplicateCluster(source: Cluster, overrides: RedisOptions): Cluster {
  const { options } = source;
  refuseKeyPrefix(options.keyPrefix ?? options.redisOptions?.keyPrefix);
  const { enableOfflineQueue = options.enableOfflineQueue, lazyConnect = options.lazyConnect } =
    overrides;
  return source.duplicate([], {
    ...options,
    // These two belong to the cluster client as a whole, the others to its connections.
    ...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
    ...(lazyConnect !== undefined && { lazyConnect }),
    redisOptions: { ...options.redisOptions, ...overrides },
  });
}

// By shape: the application may have another copy or version of ioredis than this package.
function isClient(source: object): source is RedisClient {
  return 'duplicate' in source && typeof source.duplicate === 'function' && 'isCluster' in source;
}

function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster;
}

function checkedUrl(url: string): string {
  // The text may hold a password, so it is not repeated.
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    refuseOption('redis', 'a URL that begins with redis:// or rediss://', undefined);
  }
  refuseKeyPrefix(new URL(url).searchParams.get('keyPrefix') ?? undefined);
  return url;
}

function refuseKeyPrefix(keyPrefix: string | undefined): void {
  if (keyPrefix === undefined || keyPrefix === '') return;
  // BullMQ's scripts and ours build on whole key names; the client would rename only some of them.
  refuseOption('redis.keyPrefix', 'no keyPrefix (use the prefix option instead)', keyPrefix);
}

const QUIT_MS = 2_000;

async function closeClient(client: RedisClient): Promise<void> {
  if (client.status === 'end') return;
  const ended = new Promise<void>((resolve) => {
    client.once('end', () => resolve());
  });
  if (client.status === 'ready') {
    const impatience = new AbortController();
    const timeout = systemClock.sleep(QUIT_MS, impatience.signal).catch(() => {});
    await Promise.race([client.quit().catch(() => {}), timeout]);
    impatience.abort();
  }
  client.disconnect();
  if (!isEnded(client)) await ended;
}

// A function, because the compiler does not know that disconnect() changes the status.
function isEnded(client: RedisClient): boolean {
  return client.status === 'end';
}
