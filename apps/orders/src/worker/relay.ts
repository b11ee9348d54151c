import { Bulletproof } from '@bulletproof/core';
import { OutboxRelay } from '@bulletproof/postgres';
import {
  type BeforeApplicationShutdown,
  type FactoryProvider,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../database/database.js';

/** Brings the jobs of committed transactions to Redis. Every worker has one; they share the work. */
export function relayWith(logger: Logger): FactoryProvider<OutboxRelay> {
  return {
    provide: OutboxRelay,
    inject: [Bulletproof, Database],
    useFactory: (app: Bulletproof, db: Database) =>
      new OutboxRelay({ app, database: db.pool, logger }),
  };
}

/** The relay's life: from when the jobs are known until the worker has closed, and before the app does. */
@Injectable()
export class RelayLife implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly relay: OutboxRelay) {}

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.close();
  }
}
