import { BulletproofModule } from '@bulletproof/nestjs';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { MailJobs } from '../mail/mail-jobs.js';
import { FileOutbox } from '../mail/outbox.js';
import { OrderJobs } from '../orders/order-jobs.js';
import { gatewayBreaker } from '../payments/gateway-breaker.js';
import { GuardedGateway } from '../payments/guarded-gateway.js';
import { PaymentGateway } from '../payments/payment-gateway.js';
import { PlatformModule } from '../platform.module.js';
import { RelayLife, relayWith } from './relay.js';

const MAILS_AT_A_TIME = 2;

/** The worker process: the jobs, what they work with, and a relay that brings them from the outbox. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: NestJS takes a class with a static method for a dynamic module
export class WorkerModule {
  static forRoot(config: Config, logger: Logger): DynamicModule {
    const { REDIS_URL, ORDERS_PREFIX, WORKER_CONCURRENCY, GATEWAY_URL, GATEWAY_TIMEOUT_MS } =
      config;
    return {
      module: WorkerModule,
      imports: [
        PlatformModule.forRoot(config, logger),
        BulletproofModule.forRoot({
          redis: REDIS_URL,
          prefix: ORDERS_PREFIX,
          logger,
          work: { queues: { default: WORKER_CONCURRENCY, low: MAILS_AT_A_TIME } },
          shutdownDeadline: '5s',
        }),
      ],
      providers: [
        OrderJobs,
        MailJobs,
        relayWith(logger),
        RelayLife,
        { provide: FileOutbox, useFactory: () => new FileOutbox(config.OUTBOX_FILE) },
        {
          provide: PaymentGateway,
          useFactory: () =>
            new GuardedGateway(
              {
                url: GATEWAY_URL,
                timeoutMs: GATEWAY_TIMEOUT_MS,
                caller: config.PROCESS_NAME,
              },
              gatewayBreaker({ redis: REDIS_URL, prefix: ORDERS_PREFIX, logger }),
            ),
        },
      ],
    };
  }
}
