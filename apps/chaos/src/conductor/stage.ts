import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BulletproofOptions } from '@bulletproof/core';
import { disconnect, removeKeys } from '@bulletproof/test-kit';
import { ensureRedis, type RedisServer, startRedis } from '@bulletproof/tooling/redis';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { Ledger } from '../ledger/ledger.js';
import { Actor } from './actor.js';

/** What a scenario is played on: a Redis, a folder with a ledger, and processes. Keys are under a prefix of its own. */
export class Stage {
  readonly prefix = `chaos-${randomBytes(4).toString('hex')}`;
  readonly server: RedisServer;
  /** A connection for the conductor's own questions; it outlives a restart of the server. */
  readonly redis: Redis;
  readonly ledger: Ledger;
  readonly #folder: string;
  readonly #actors = new Set<Actor>();
  readonly #prefixes = new Set([this.prefix]);
  readonly #endings: (() => Promise<void>)[] = [];
  #started = 0;

  private constructor(server: RedisServer, folder: string) {
    this.server = server;
    this.#folder = folder;
    this.ledger = new Ledger(this.ledgerFile);
    this.redis = new Redis(server.url, {
      maxRetriesPerRequest: null,
      retryStrategy: () => 20,
      disconnectTimeout: 50,
    });
    this.redis.on('error', () => {}); // a scenario that kills the server expects these
  }

  /** Starts or finds a server; with arguments it is one of its own. */
  static async open(serverArgs?: readonly string[]): Promise<Stage> {
    const server = serverArgs ? await startRedis({ args: serverArgs }) : await ensureRedis();
    return new Stage(server, await mkdtemp(join(tmpdir(), 'chaos-')));
  }

  get ledgerFile(): string {
    return join(this.#folder, 'ledger.jsonl');
  }

  get folder(): string {
    return this.#folder;
  }

  /** Options of an app of this stage in the conductor's own process. */
  get app(): BulletproofOptions {
    return { redis: this.server.url, prefix: this.prefix, logger: pino({ level: 'silent' }) };
  }

  /** One more prefix; its keys are removed in the end, too. */
  addPrefix(name: string): string {
    const prefix = `${this.prefix}-${name}`;
    this.#prefixes.add(prefix);
    return prefix;
  }

  /** Has something more ended with the stage, the last first, when all processes are gone. */
  atEnd(end: () => Promise<void>): void {
    this.#endings.unshift(end);
  }

  /** Starts a process of that role; it is told where everything is. */
  async start(role: string, more: object = {}): Promise<Actor> {
    this.#started += 1;
    const actor = await Actor.start({
      role,
      settings: {
        redisUrl: this.server.url,
        prefix: this.prefix,
        ledgerFile: this.ledgerFile,
        ...more,
      },
      logFile: join(this.#folder, `${role}-${this.#started}.log`),
    });
    this.#actors.add(actor);
    void actor.exited.then(() => this.#actors.delete(actor));
    return actor;
  }

  /** kill -9, and a line in the ledger when the process is gone. */
  async kill(actor: Actor): Promise<void> {
    await actor.signal('SIGKILL');
    this.ledger.write({ what: 'killed', pid: actor.pid });
  }

  /** Ends all processes. */
  async clear(): Promise<void> {
    await Promise.all([...this.#actors].map((actor) => actor.signal('SIGKILL')));
  }

  /** Ends everything and leaves nothing behind. */
  async close(): Promise<void> {
    await this.clear();
    for (const end of this.#endings.splice(0)) await end();
    if (!this.server.owned) {
      for (const prefix of this.#prefixes) await removeKeys(this.redis, prefix);
    }
    await disconnect(this.redis);
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
