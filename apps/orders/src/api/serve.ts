import type { AddressInfo } from 'node:net';
import type { ModuleMetadata } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { readConfig } from '../config.js';
import { createLogger } from '../logging.js';
import { announceReady, endWithParent, onTermination } from '../process-life.js';
import { createApi } from './create-api.js';

/** Runs an API process until it is told to end. */
export async function serve(
  partsOf: (config: Config, logger: Logger) => Pick<ModuleMetadata, 'imports' | 'providers'>,
): Promise<void> {
  const config = readConfig();
  const logger = createLogger(config);
  const app = await createApi(config, logger, partsOf(config, logger));
  onTermination(() => app.close());
  endWithParent();
  await app.listen(config.PORT);
  const { port } = app.getHttpServer().address() as AddressInfo;
  logger.info({ port }, 'API is listening');
  announceReady({ url: `http://127.0.0.1:${port}` });
}
