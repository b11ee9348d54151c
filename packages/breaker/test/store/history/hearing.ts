import { until } from '@bulletproof/test-kit';
import type { Redis } from 'ioredis';

/** Hears what the scripts announce, for all histories on one connection. */
export class Announced {
  readonly #heard = new Map<string, unknown[]>();
  readonly #subscriber: Redis;

  private constructor(subscriber: Redis) {
    this.#subscriber = subscriber;
    subscriber.on('pmessage', (_: string, channel: string, message: string) => {
      const heard = this.#heard.get(channel) ?? [];
      heard.push(JSON.parse(message));
      this.#heard.set(channel, heard);
    });
  }

  /** Subscribes to every history's channel. */
  static async open(subscriber: Redis): Promise<Announced> {
    await subscriber.psubscribe('history-*:breakers');
    return new Announced(subscriber);
  }

  /** What has come over a channel, once it is that many messages. */
  async of(channel: string, count: number): Promise<readonly unknown[]> {
    const heard = (): readonly unknown[] => this.#heard.get(channel) ?? [];
    // What is published comes in order, so a ping's answer comes after all of it.
    if (heard().length < count) await this.#subscriber.ping();
    await until(() => heard().length >= count, {
      what: `${count} announcements`,
      deadlineMs: 2_000,
    }).catch(() => {});
    return heard();
  }

  /** Drops what has come over a channel. */
  forget(channel: string): void {
    this.#heard.delete(channel);
  }
}
