import { Redis } from 'ioredis';
import { type Place, QUEUE } from '../sides/side.js';

/** Looks at the server over a connection of its own, in the same way for both sides. */
export class RedisWatch {
  readonly #redis: Redis;

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
    while ((await this.#redis.zcard(key)) < count);
  }

  /** Processor time that the server's main thread has used so far, µs. */
  async cpuUs(): Promise<number> {
    const info = await this.#redis.info('cpu');
    const seconds = ['user', 'sys'].map((part) =>
      Number(new RegExp(`^used_cpu_${part}_main_thread:(\\S+)`, 'm').exec(info)?.[1] ?? 0),
    );
    return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
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
