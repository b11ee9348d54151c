import type { Redis } from 'ioredis';

/** Lives that a test gives are multiples of this, so that the real time between a write and the next move does not show. */
export const TTL_GRAIN_MS = 10_000;

/** A time to live that no test gives: it marks a key whose end is kept here. */
const MARK_MS = 1_000 * 365 * 24 * 3_600_000;

/**
 * Lets keys expire by an injected clock. Redis counts a life in real time, which stands still as far as a test is concerned: at each
 * move of the clock, lives that were given since the last one are turned into a moment of the injected time.
 */
export class InjectedExpiry {
  readonly #redis: Redis;
  readonly #ends = new Map<string, number>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Removes those of the keys whose life ends in a move of the clock. */
  async move(keys: readonly string[], fromMs: number, toMs: number): Promise<void> {
    const lives = await this.#lives(keys);
    const changes = this.#redis.pipeline();
    for (const [index, key] of keys.entries()) {
      const ends = this.#endOf(key, lives[index] ?? -2, fromMs);
      if (ends === undefined) continue;
      if (ends <= toMs) changes.del(key);
      else if (!this.#ends.has(key)) changes.pexpire(key, MARK_MS);
      if (ends <= toMs) this.#ends.delete(key);
      else this.#ends.set(key, ends);
    }
    if (changes.length > 0) await changes.exec();
  }

  #endOf(key: string, lifeMs: number, nowMs: number): number | undefined {
    if (lifeMs > MARK_MS / 2) return this.#ends.get(key);
    this.#ends.delete(key);
    if (lifeMs < 0) return undefined;
    return nowMs + Math.ceil(lifeMs / TTL_GRAIN_MS) * TTL_GRAIN_MS;
  }

  async #lives(keys: readonly string[]): Promise<number[]> {
    const asked = this.#redis.pipeline();
    for (const key of keys) asked.pttl(key);
    const answers = (await asked.exec()) ?? [];
    return answers.map(([error, life]) => {
      if (error) throw error;
      return Number(life);
    });
  }
}
