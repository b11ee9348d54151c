import { Bulletproof, Job, type JobContext, jobsOf } from '@bulletproof/core';
import { removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BulletproofModule, type BulletproofModuleOptions } from '../src/index.js';

const redis = testRedis();

/** Something that handlers need, and that the application takes away at its end. */
@Injectable()
class Store implements OnApplicationShutdown {
  open = true;

  onApplicationShutdown(): void {
    this.open = false;
  }
}

@Injectable()
class Writer {
  static began: () => void = () => {};
  static goOn: Promise<void> = Promise.resolve();
  static aborted = false;

  constructor(private readonly store: Store) {}

  @Job()
  async write() {
    Writer.began();
    await Writer.goOn;
    return { open: this.store.open };
  }

  @Job()
  async stubborn(_: undefined, job: JobContext) {
    Writer.began();
    await new Promise((_resolve, reject) => {
      job.signal.addEventListener('abort', () => {
        Writer.aborted = true;
        reject(job.signal.reason);
      });
    });
  }
}

describe('the end of a Nest application', () => {
  let prefix: string;
  const { write, stubborn } = jobsOf(Writer);

  const boot = (more: Partial<BulletproofModuleOptions>) => {
    @Module({
      imports: [BulletproofModule.forRoot({ redis: redis.url, prefix, ...more })],
      providers: [Store, Writer],
    })
    class AppModule {}
    return NestFactory.createApplicationContext(AppModule, { logger: false });
  };
  const beginning = () =>
    new Promise<void>((resolve) => {
      Writer.began = resolve;
    });

  beforeEach(() => {
    prefix = uniquePrefix('nest');
    Writer.aborted = false;
  });

  afterEach(() => removeKeys(redis.client, prefix));

  afterAll(() => redis.close());

  it('waits for running handlers while what they use is still there', async () => {
    let goOn: () => void = () => {};
    Writer.goOn = new Promise((resolve) => {
      goOn = resolve;
    });
    const context = await boot({ work: true });
    const began = beginning();
    const handle = await context.get(Bulletproof).enqueue(write());
    await began;
    const closed = context.close();
    goOn();
    await closed;

    const later = await boot({});
    const result = later.get(Bulletproof).call(handle.id).result({ timeout: '10s' });
    expect(await result).toEqual({ open: true });
    await later.close();
  });

  it('hands back at its deadline what would not end, without an attempt', async () => {
    const context = await boot({ work: true, shutdownDeadline: 50 });
    const began = beginning();
    const handle = await context.get(Bulletproof).enqueue(stubborn());
    await began;
    await context.close();
    expect(Writer.aborted).toBe(true);

    const later = await boot({});
    const app = later.get(Bulletproof);
    expect(await app.call(handle.id).status()).toMatchObject({ state: 'waiting', attempt: 0 });
    await app.call(handle.id).cancel('the test is over');
    await later.close();
  });

  it('refuses what is enqueued afterwards', async () => {
    const context = await boot({});
    const app = context.get(Bulletproof);
    await context.close();
    await expect(app.enqueue(write())).rejects.toMatchObject({ code: 'APP_CLOSED' });
  });
});
