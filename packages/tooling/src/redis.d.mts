/** How an own server is started. */
export interface RedisServerOptions {
  /** More arguments of redis-server, such as `['--appendonly', 'yes']`; they win over ours. Default none. */
  args?: readonly string[];
  /** Folder for the server's files; kept afterwards. Default: a temporary folder that is removed at the end. */
  dir?: string;
  /** TCP port on 127.0.0.1. Default: a free one. */
  port?: number;
}

/** A Redis that answers. */
export interface RedisServer {
  /** Such as `redis://127.0.0.1:21733`, with the password when one was set by `--requirepass`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Process id of the server; undefined while it is down and for a server given by `REDIS_URL`. */
  readonly pid: number | undefined;
  /** Folder of the server's files; undefined for a server given by `REDIS_URL`. */
  readonly dir: string | undefined;
  /** False when `REDIS_URL` gave the server: then `stop` does nothing, `kill` and `restart` reject. */
  readonly owned: boolean;
  /** Ends the server and, unless `dir` was given, removes its folder. */
  stop(): Promise<void>;
  /** Sends a signal (default SIGKILL); for one that ends the server, resolves when it has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the server if it runs and starts it again with the same port, folder and arguments. */
  restart(): Promise<void>;
}

/**
 * Gives the server of `REDIS_URL` if that is set, else starts one on a free port in a folder of its own.
 * It installs a server first (apt or brew, said on stderr) when none is on PATH, and the server ends with this process.
 */
export function ensureRedis(options?: RedisServerOptions): Promise<RedisServer>;

/** Always starts an own server, also when `REDIS_URL` is set: for those who kill, pause or configure it. */
export function startRedis(options?: RedisServerOptions): Promise<RedisServer>;
