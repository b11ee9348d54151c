import { Breaker, breakers, configureBreakers, MemoryBreakerStore } from '@bulletproof/breaker';
import { Bulletproof, Job, jobsOf } from '@bulletproof/core';
import { keysUnder, removeKeys, testRedis, uniquePrefix, until } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { BulletproofModule, type BulletproofModuleOptions } from '../src/index.js';

const redis = testRedis();

@Injectable()
class Gateway {
  works = false;

  @Breaker({ name: 'gateway', volumeThreshold: 1, resetTimeout: 200 })
  async capture(order: string): Promise<string> {
    if (!this.works) throw new Error('the gateway is away');
    return `captured ${order}`;
  }
}

@Injectable()
class Payments {
  constructor(private readonly gateway: Gateway) {}

  @Job({ attempts: 2, backoff: { delay: 1 } })
  async pay({ order }: { order: string }) {
    return this.gateway.capture(order);
  }
}

describe('@Breaker on providers', () => {
  let prefix: string;
  const open: INestApplicationContext[] = [];

  const boot = async (more: Partial<BulletproofModuleOptions> = {}) => {
    @Module({
      imports: [
        BulletproofModule.forRoot({
          redis: redis.url,
          prefix,
          work: true,
          logger: pino({ level: 'silent' }),
          ...more,
        }),
      ],
      providers: [Gateway, Payments],
    })
    class AppModule {}
    const context = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
      abortOnError: false,
    });
    open.push(context);
    return context;
  };
  const fail = (context: INestApplicationContext) =>
    expect(context.get(Gateway).capture('1')).rejects.toThrow();
  const keys = async () =>
    (await keysUnder(redis.client, prefix)).filter((key) => key.includes(':breaker:'));

  beforeEach(() => {
    prefix = uniquePrefix('nest');
  });

  afterEach(async () => {
    for (const context of open.splice(0)) await context.close();
    await removeKeys(redis.client, prefix);
  });

  afterAll(() => redis.close());

  it('has its state where the app has its own, and ends with the application', async () => {
    const context = await boot();
    await fail(context);
    await until(async () => (await keys()).length > 0);
    expect(breakers.all()).toHaveLength(1);
    await context.close();
    open.splice(0);
    expect(breakers.all()).toEqual([]);
  });

  it('follows to the next application of the process', async () => {
    const first = await boot();
    await fail(first);
    await first.close();
    open.splice(0);
    await removeKeys(redis.client, prefix);
    prefix = uniquePrefix('nest');
    await fail(await boot());
    await until(async () => (await keys()).length > 0);
  });

  it('puts a job off while it is open, without an attempt', async () => {
    const context = await boot();
    await fail(context);
    await until(() => breakers.get('gateway').opened);
    const app = context.get(Bulletproof);
    const snoozed = new Promise((resolve) => app.events.once('job.snoozed', resolve));
    const handle = await app.enqueue(jobsOf(Payments).pay({ order: '7' }));
    await snoozed;
    context.get(Gateway).works = true;
    expect(await handle.result({ timeout: '20s' })).toBe('captured 7');
  });

  it('stays where it is in an application that starts while another one uses it', async () => {
    await fail(await boot());
    const second = await boot();
    await fail(second);
    expect(breakers.all()).toHaveLength(1);
  });

  it('stays local where that is asked for, and leaves a configuration of the user alone', async () => {
    await fail(await boot({ breakers: false, work: false }));
    await breakers.close();
    configureBreakers({ store: new MemoryBreakerStore() });
    await fail(await boot({ work: false }));
    await breakers.close();
    expect(await keys()).toEqual([]);
  });
});
