// The worker process: runs the jobs that the API enqueues.
import { Bulletproof } from '@bulletproof/core';
import { NestFactory } from '@nestjs/core';
import { readConfig } from '../config.js';
import { createLogger, NestLogger } from '../logging.js';
import { announceReady, endWithParent, onTermination } from '../process-life.js';
import { logRuns } from './run-log.js';
import { WorkerModule } from './worker.module.js';

const config = readConfig();
const logger = createLogger(config);
const context = await NestFactory.create(WorkerModule.forRoot(config, logger), {
  logger: new NestLogger(logger),
  abortOnError: false,
});
logRuns(context.get(Bulletproof), logger);
onTermination(() => context.close());
endWithParent();
await context.init();
logger.info('worker works');
announceReady({});
