import type { ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { loadFilms } from '../catalogue/films.js';
import type { Config } from '../config.js';
import { Database } from '../database/database.js';
import { migrate, stockCatalogue } from '../database/migrate.js';
import { NestLogger } from '../logging.js';
import { ApiModule } from './api.module.js';
import { ProblemFilter } from './problem.filter.js';
import { requestLog } from './request-log.js';

/** Builds the HTTP application, its tables migrated and its films on sale; not listening yet. */
export async function createApi(
  config: Config,
  logger: Logger,
  parts: Pick<ModuleMetadata, 'imports' | 'providers'>,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    ApiModule.forRoot(config, logger, parts),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  app.use(requestLog(logger));
  app.useGlobalFilters(new ProblemFilter(logger));
  const db = app.get(Database);
  const applied = await migrate(db);
  if (applied.length > 0) logger.info({ applied }, 'migrated');
  await stockCatalogue(db, loadFilms());
  return app;
}
