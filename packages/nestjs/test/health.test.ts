import { ownRedis, removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { pino } from 'pino';
import {
  type BulletproofHealth,
  BulletproofHealthIndicator,
  BulletproofModule,
  type BulletproofModuleOptions,
} from '../src/index.js';
import { Greeter, Phrases } from './greeter.js';

const redis = testRedis();

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly bulletproof: BulletproofHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  look() {
    return this.health.check([() => this.bulletproof.isHealthy()]);
  }
}

describe('the health indicator', () => {
  let prefix: string;
  let nest: INestApplication | undefined;

  const boot = async (more: Partial<BulletproofModuleOptions>) => {
    @Module({
      imports: [
        BulletproofModule.forRoot({
          redis: redis.url,
          prefix,
          logger: pino({ level: 'silent' }),
          ...more,
        }),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [HealthController],
      providers: [Phrases, Greeter, Last],
    })
    class AppModule {}
    nest = await NestFactory.create(AppModule, { logger: false });
    await nest.listen(0);
    const url = await nest.getUrl();
    return async () => {
      const response = await fetch(`${url.replace('[::1]', 'localhost')}/health`);
      return { status: response.status, body: (await response.json()) as object };
    };
  };

  beforeEach(() => {
    prefix = uniquePrefix('nest');
  });

  afterEach(async () => {
    await nest?.close();
    await removeKeys(redis.client, prefix);
  });

  afterAll(() => redis.close());

  it('is up in Terminus while Redis answers, and shows the queues', async () => {
    const look = await boot({ work: true });
    expect(await look()).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        info: {
          bulletproof: {
            status: 'up',
            worker: 'working',
            queues: expect.arrayContaining([
              expect.objectContaining({ name: 'default', waiting: 0 }),
            ]),
          },
        },
      },
    });
  });

  it('says that a process works nothing, and answers under the key that it is asked for', async () => {
    await boot({});
    const answer = await nest?.get(BulletproofHealthIndicator).isHealthy('jobs');
    expect(answer).toMatchObject({ jobs: { status: 'up', worker: 'off' } });
  });

  it('is down in Terminus when Redis is away', async () => {
    const own = await ownRedis();
    const look = await boot({ redis: own.url, enqueueTimeout: '200ms' });
    await own.stop();
    expect(await look()).toMatchObject({
      status: 503,
      body: {
        status: 'error',
        error: { bulletproof: { status: 'down', worker: 'off', reason: 'REDIS_UNAVAILABLE' } },
      },
    });
  });

  it('is down while the application closes, so that no more requests are sent to it', async () => {
    await boot({});
    const indicator = nest?.get(BulletproofHealthIndicator);
    let seen: BulletproofHealth | undefined;
    Last.act = async () => {
      seen = (await indicator?.isHealthy())?.bulletproof;
    };
    await nest?.close();
    nest = undefined;
    expect(seen).toMatchObject({ status: 'down', worker: 'closing', reason: 'CLOSING' });
  });
});

/** Acts while the application closes. */
class Last implements OnApplicationShutdown {
  static act: () => Promise<void> = async () => {};

  async onApplicationShutdown(): Promise<void> {
    await Last.act();
    Last.act = async () => {};
  }
}
