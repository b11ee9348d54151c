import { type RedisServerOptions, startRedis } from '@bulletproof/tooling/redis';
import { Redis } from 'ioredis';
import { untilProcess } from './process-state.js';
import { DISCONNECT_MS, disconnect } from './test-redis.js';
import { until } from './until.js';

/** How a dedicated server is set up; what is left out is Redis's own default, except that nothing is written to disk. */
export interface OwnRedisOptions {
  /** Keeps an append-only file, synchronised as said; survives `restart`. Default: none. */
  appendOnly?: 'always' | 'everysec' | 'no';
  /** Bytes, or a Redis size such as `'3mb'`; with the policy `noeviction`. Default: no limit. */
  maxMemory?: number | string;
  /** Password that clients must give; it is part of `url`. Default: none. */
  password?: string;
  /** Follows that server; resolves when it is in step. Default: a primary. */
  replicaOf?: OwnRedis;
  /** More arguments of redis-server; they win. */
  args?: readonly string[];
  /** Folder for the server's files; kept afterwards. Default: a temporary one. */
  dir?: string;
}

/** A server that one test owns and may treat badly. */
export interface OwnRedis {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** A connection for the test's own questions; it reconnects after a restart. */
  readonly client: Redis;
  /** SIGKILL: gone without a word. */
  kill(): Promise<void>;
  /** SIGSTOP: keeps its connections and answers nothing. Resolves when it stands still. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /** Ends it, if it runs, and starts it again on the same port, folder and arguments. */
  restart(): Promise<void>;
  /** CONFIG SET. */
  config(setting: string, value: string | number): Promise<void>;
  /** Ends it and closes `client`. */
  stop(): Promise<void>;
}

/** Starts a server for one test, also when `REDIS_URL` is set. It ends with this process at the latest. */
export async function ownRedis(options: OwnRedisOptions = {}): Promise<OwnRedis> {
  const start: RedisServerOptions = { args: argumentsOf(options) };
  if (options.dir !== undefined) start.dir = options.dir;
  const server = await startRedis(start);
  let client: Redis | undefined;
  const own: OwnRedis = {
    url: server.url,
    host: server.host,
    port: server.port,
    get pid() {
      return server.pid;
    },
    get client() {
      if (client === undefined) {
        client = new Redis(server.url, {
          maxRetriesPerRequest: null,
          disconnectTimeout: DISCONNECT_MS,
          retryStrategy: () => 20,
        });
        client.on('error', () => {}); // a test that kills its server expects these
      }
      return client;
    },
    kill: () => server.kill('SIGKILL'),
    async pause() {
      const { pid } = server;
      await server.kill('SIGSTOP');
      if (pid !== undefined) await untilProcess(pid, 'stopped');
    },
    resume: () => server.kill('SIGCONT'),
    restart: () => server.restart(),
    async config(setting, value) {
      await own.client.config('SET', setting, value);
    },
    async stop() {
      if (client) await disconnect(client);
      await server.stop();
    },
  };
  if (options.replicaOf) await inStep(own);
  return own;
}

function argumentsOf({ appendOnly, maxMemory, password, replicaOf, args = [] }: OwnRedisOptions) {
  // A primary would wait five seconds for more replicas before it sends anything to the first.
  const list = ['--repl-diskless-sync-delay', '0'];
  if (appendOnly) list.push('--appendonly', 'yes', '--appendfsync', appendOnly);
  if (maxMemory !== undefined) {
    list.push('--maxmemory', String(maxMemory), '--maxmemory-policy', 'noeviction');
  }
  if (password !== undefined) list.push('--requirepass', password);
  if (replicaOf) {
    const secret = new URL(replicaOf.url).password;
    list.push('--replicaof', `${replicaOf.host} ${replicaOf.port}`);
    if (secret) list.push('--masterauth', decodeURIComponent(secret));
  }
  return [...list, ...args];
}

async function inStep(replica: OwnRedis) {
  await until(async () => /master_link_status:up/.test(await replica.client.info('replication')), {
    what: `the replica on port ${replica.port} to follow its primary`,
  });
}
