import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { systemClock } from '../clock.js';
import { refuseOption } from '../options.js';
import { joinWrites } from './joined-writes.js';
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
  const client = clientOf(source, {
    disconnectTimeout: DISCONNECT_MS,
    ...overrides,
    connectionName: name,
  });
  // Without a listener ioredis writes to the console.
  client.on('error', onError);
  joinWritesOf(client);
  let closed: Promise<void> | undefined;
  return {
    client,
    port: portOf(client),
    isCluster: client.isCluster,
    close() {
      closed ??= closeClient(client);
      return closed;
    },
  };
}

// Every connection that a client makes, and every node of a cluster, has a stream of its own.
function joinWritesOf(client: RedisClient): void {
  if (isCluster(client)) client.on('+node', joinWritesOf);
  else client.on('connect', () => joinWrites(client.stream));
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

const CLOSE_MS = 2_000;
// After the last reply, or without one, there is nothing to wait for; ioredis' 2 s would hold up the end of the process.
const DISCONNECT_MS = 100;

async function closeClient(client: RedisClient): Promise<void> {
  if (client.status === 'end') return;
  const ended = eventOf(client, 'end');
  let answered = true;
  if (client.status === 'ready') answered = await withinCloseTime(settled(client.quit()));
  // Disconnected between two attempts to connect, ioredis neither ends nor rejects what is queued; within an attempt it does both.
  else if (isCluster(client)) await intoAttempt(client, ended);
  else if (client.status === 'reconnecting') void settled(client.connect());
  client.disconnect();
  // A server that did not answer QUIT will not end the connection either; ioredis drops it a little later.
  if (answered && !isEnded(client)) await withinCloseTime(ended);
}

// A cluster client's attempt begins only when it has looked up its nodes.
async function intoAttempt(client: Cluster, ended: Promise<void>): Promise<void> {
  if (client.status === 'wait' || client.nodes().length > 0) return;
  client.options.clusterRetryStrategy = () => null;
  const begun = eventOf(client, '+node');
  if (client.status === 'reconnecting') void settled(client.connect());
  await withinCloseTime(Promise.race([begun, ended]));
}

function eventOf(client: RedisClient, event: string): Promise<void> {
  return new Promise((resolve) => {
    client.once(event, () => resolve());
  });
}

function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => {},
    () => {},
  );
}

/** Waits for the promise, 2 s at most, and tells whether that was enough. */
function withinCloseTime(promise: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = systemClock.setTimer(CLOSE_MS, () => resolve(false));
    void promise.then(() => {
      timer.cancel();
      resolve(true);
    });
  });
}

// A function, because the compiler does not know that disconnect() changes the status.
function isEnded(client: RedisClient): boolean {
  return client.status === 'end';
}
