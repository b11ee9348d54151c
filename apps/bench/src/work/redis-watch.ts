import { Redis } from 'ioredis';
import { type Place, QUEUE } from '../sides/side.js';

/** What a server has done. */
export interface RedisUse {
  /** Processor time of its main thread, µs. */
  readonly cpuUs: number;
  /** Scripts that clients sent. */
  readonly scripts: number;
  /** All commands, those inside of scripts included. */
  readonly commands: number;
}

/** Looks at the server over a connection of its own, in the same way for both sides. */
export class RedisWatch {
  readonly #redis: Redis;
  #questions = 0;

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  static async open(url: string): Promise<RedisWatch> {
    const redis = new Redis(url, { lazyConnect: true });
    await redis.connect();
    return new RedisWatch(redis);
  }

  /** Resolves when BullMQ has acknowledged that many completions; asks without a pause, so call it near the end. */
  async completed({ prefix }: Place, count: number): Promise<void> {
    const key = `${prefix}:${QUEUE}:completed`;
    do this.#questions += 1;
    while ((await this.#redis.zcard(key)) < count);
  }

  /** How many jobs wait in the queue. */
  async waiting({ prefix }: Place): Promise<number> {
    return this.#redis.llen(`${prefix}:${QUEUE}:wait`);
  }

  /** What the server has done so far, without what this watch asked. */
  async use(): Promise<RedisUse> {
    const info = await this.#redis.info('cpu', 'commandstats');
    const seconds = (part: string): number =>
      Number(new RegExp(`^used_cpu_${part}_main_thread:(\\S+)`, 'm').exec(info)?.[1] ?? 0);
    let [scripts, commands] = [0, -this.#questions];
    for (const [, name = '', calls] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
      if (name === 'info') continue;
      commands += Number(calls);
      if (name.startsWith('eval')) scripts += Number(calls);
    }
    return { cpuUs: (seconds('user') + seconds('sys')) * 1e6, scripts, commands };
  }

  /** The server's version. */
  async version(): Promise<string> {
    const info = await this.#redis.info('server');
    return /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
  }

  /** Deletes all keys under a prefix; the server may be somebody's own. */
  async remove(prefix: string): Promise<void> {
    const pages = this.#redis.scanStream({ match: `${prefix}:*`, count: 5_000 });
    for await (const keys of pages) {
      if ((keys as string[]).length > 0) await this.#redis.unlink(keys as string[]);
    }
  }

  async close(): Promise<void> {
    await this.#redis.quit();
  }
}
