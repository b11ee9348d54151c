import { type DynamicModule, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { Database } from './database/database.js';

/** Closes the database after everything that uses it has stopped. */
@Injectable()
class DatabaseLife implements OnApplicationShutdown {
  constructor(private readonly db: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.db.close();
  }
}

/** What every process of the app stands on: the database. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: NestJS takes a class with a static method for a dynamic module
export class PlatformModule {
  static forRoot(config: Config, logger: Logger): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      providers: [
        {
          provide: Database,
          useFactory: () => {
            logger.debug({ schema: config.ORDERS_SCHEMA }, 'using PostgreSQL');
            // One connection for each order in work, two for the relay, and some for mails and the API's reads.
            const connections = config.WORKER_CONCURRENCY + 5;
            return new Database(config.DATABASE_URL, config.ORDERS_SCHEMA, connections);
          },
        },
        DatabaseLife,
      ],
      exports: [Database],
    };
  }
}
