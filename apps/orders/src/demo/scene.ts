import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePostgres, type PostgresServer } from '@bulletproof/tooling/postgres';
import { ensureRedis, type RedisServer } from '@bulletproof/tooling/redis';
import { Redis } from 'ioredis';
import { Database } from '../database/database.js';

/**
 * The ground that a story is played on: Redis, PostgreSQL and a folder. Keys have a prefix of their own and tables a schema
 * of their own, so that servers given by `REDIS_URL` and `DATABASE_URL` are as clean afterwards as before.
 */
export class Scene {
  private constructor(
    readonly name: string,
    readonly folder: string,
    readonly db: Database,
    private readonly servers: { readonly redis: RedisServer; readonly postgres: PostgresServer },
  ) {}

  /** Starts or finds the servers. */
  static async open(label: string): Promise<Scene> {
    const name = `${label}_${randomBytes(4).toString('hex')}`;
    const folder = await mkdtemp(join(tmpdir(), 'orders-demo-'));
    const [redis, postgres] = await Promise.allSettled([ensureRedis(), ensurePostgres()]);
    if (redis.status === 'fulfilled' && postgres.status === 'fulfilled') {
      const db = new Database(postgres.value.url, name, 4);
      const servers = { redis: redis.value, postgres: postgres.value };
      return new Scene(name, folder, db, servers);
    }
    // One of them failed: the other must not stay behind.
    for (const server of [redis, postgres]) {
      if (server.status === 'fulfilled') await server.value.stop();
    }
    await rm(folder, { recursive: true, force: true });
    throw redis.status === 'rejected' ? redis.reason : (postgres as PromiseRejectedResult).reason;
  }

  /** How many calls wait in the database to be brought to Redis. */
  async inOutbox(): Promise<number> {
    const [row] = await this.db.query<{ calls: number }>(
      'SELECT count(*)::int AS calls FROM bulletproof_outbox',
    );
    return row?.calls ?? 0;
  }

  get redisUrl(): string {
    return this.servers.redis.url;
  }

  get ledgerFile(): string {
    return join(this.folder, 'gateway-ledger.jsonl');
  }

  get outboxFile(): string {
    return join(this.folder, 'mail-outbox.jsonl');
  }

  /** Where a process of the story writes. */
  logFile(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  /** The environment of the story's processes. */
  env(gatewayUrl: string): Record<string, string> {
    return {
      DATABASE_URL: this.servers.postgres.url,
      ORDERS_SCHEMA: this.name,
      REDIS_URL: this.servers.redis.url,
      ORDERS_PREFIX: this.name,
      GATEWAY_URL: gatewayUrl,
      OUTBOX_FILE: this.outboxFile,
      PORT: '0',
    };
  }

  /** Which servers are used, for people. */
  describe(): string {
    const redis = this.servers.redis.owned ? 'an own one' : 'the one in REDIS_URL';
    const postgres = this.servers.postgres.owned ? 'an own one' : 'the one in DATABASE_URL';
    return `Redis: ${redis}, keys under ${this.name}. PostgreSQL: ${postgres}, schema ${this.name}.`;
  }

  /** Removes all that was written and ends the servers that were started here. */
  async close(): Promise<void> {
    const cleared = await Promise.allSettled([
      this.servers.redis.owned ? undefined : this.removeKeys(),
      this.db.query(`DROP SCHEMA IF EXISTS ${this.name} CASCADE`),
    ]);
    await this.db.close();
    await Promise.all([this.servers.redis.stop(), this.servers.postgres.stop()]);
    await rm(this.folder, { recursive: true, force: true });
    for (const result of cleared) if (result.status === 'rejected') throw result.reason;
  }

  private async removeKeys(): Promise<void> {
    const redis = new Redis(this.servers.redis.url);
    try {
      for await (const keys of redis.scanStream({ match: `*${this.name}*`, count: 1_000 })) {
        if (keys.length > 0) await redis.unlink(...(keys as string[]));
      }
    } finally {
      redis.disconnect();
    }
  }
}
