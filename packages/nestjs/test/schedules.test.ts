import { Bulletproof, Job, Schedule } from '@bulletproof/core';
import { removeKeys, testRedis, uniquePrefix, until } from '@bulletproof/test-kit';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { BulletproofModule } from '../src/index.js';

const redis = testRedis();
const prefix = uniquePrefix('nest');

afterAll(async () => {
  await removeKeys(redis.client, prefix);
  await redis.close();
});

@Injectable()
class Reports {
  @Job()
  @Schedule({ cron: '0 4 * * *', timezone: 'Europe/Berlin' })
  async nightly() {}
}

describe('a provider with @Schedule', () => {
  it('has its schedule from the first worker on', async () => {
    @Module({
      imports: [
        BulletproofModule.forRoot({
          redis: redis.url,
          prefix,
          logger: pino({ level: 'silent' }),
          work: true,
        }),
      ],
      providers: [Reports],
    })
    class AppModule {}
    const nest = await NestFactory.createApplicationContext(AppModule, { logger: false });
    const { schedules } = nest.get(Bulletproof);
    await until(async () => (await schedules.list()).length === 1);
    expect(await schedules.list()).toMatchObject([{ name: 'Reports.nightly' }]);
    await nest.close();
  });
});
