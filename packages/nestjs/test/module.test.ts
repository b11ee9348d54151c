import { Bulletproof, defineJob, Job, jobsOf } from '@bulletproof/core';
import { removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplicationContext,
  Inject,
  Injectable,
  Module,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  BulletproofModule,
  type BulletproofModuleOptions,
  InjectBulletproof,
} from '../src/index.js';
import { Greeter, Phrases } from './greeter.js';

const redis = testRedis();
const { greet } = jobsOf(Greeter);

describe('BulletproofModule', () => {
  let prefix: string;
  const open: INestApplicationContext[] = [];

  const options = (more: Partial<BulletproofModuleOptions> = {}): BulletproofModuleOptions => ({
    redis: redis.url,
    prefix,
    ...more,
  });

  /** Boots a module as an application context, as a worker process would. */
  const boot = async (
    more: Partial<BulletproofModuleOptions>,
    providers: NonNullable<Parameters<typeof Module>[0]['providers']> = [Phrases, Greeter],
  ) => {
    @Module({ imports: [BulletproofModule.forRoot(options(more))], providers })
    class AppModule {}
    const context = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
      abortOnError: false,
    });
    open.push(context);
    return context;
  };

  beforeEach(() => {
    prefix = uniquePrefix('nest');
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((context) => context.close()));
    await removeKeys(redis.client, prefix);
  });

  afterAll(() => redis.close());

  it('runs the jobs of a provider on the instance that Nest made', async () => {
    const context = await boot({ work: true });
    const handle = await context.get(Bulletproof).enqueue(greet({ name: 'Ada' }));
    expect(await handle.result({ timeout: '10s' })).toEqual({ text: 'Hello, Ada', attempt: 1 });
    expect(context.get(Phrases).said).toEqual(['Hello, Ada']);
  });

  it('injects Bulletproof by its class and by @InjectBulletproof, the same one', async () => {
    @Injectable()
    class Consumer {
      @InjectBulletproof() byProperty!: Bulletproof;

      constructor(
        readonly byClass: Bulletproof,
        @InjectBulletproof() readonly byDecorator: Bulletproof,
      ) {}
    }
    const context = await boot({}, [Consumer]);
    const consumer = context.get(Consumer);
    expect(consumer.byClass).toBeInstanceOf(Bulletproof);
    expect(consumer.byDecorator).toBe(consumer.byClass);
    expect(consumer.byProperty).toBe(consumer.byClass);
  });

  it('works in one process what another one enqueued', async () => {
    const producer = await boot({});
    const handle = await producer.get(Bulletproof).enqueue(greet({ name: 'Bo' }));
    expect(await handle.status()).toMatchObject({ state: 'waiting' });
    await boot({ work: { queues: { default: 1 } } });
    expect(await handle.result({ timeout: '10s' })).toMatchObject({ text: 'Hello, Bo' });
    expect(producer.get(Phrases).said).toEqual([]);
  });

  it('registers references that are no providers', async () => {
    const double = defineJob({ name: 'double' }, async (input: { n: number }) => input.n * 2);
    const context = await boot({ work: true, jobs: [double] }, []);
    const handle = await context.get(Bulletproof).enqueue(double({ n: 21 }));
    expect(await handle.result({ timeout: '10s' })).toBe(42);
  });

  it('takes a class under jobs that is provided, and registers it once', async () => {
    const context = await boot({ work: true, jobs: [Greeter] });
    const handle = await context.get(Bulletproof).enqueue(greet({ name: 'Di' }));
    expect(await handle.result({ timeout: '10s' })).toMatchObject({ text: 'Hello, Di' });
  });

  it('takes its options from other providers with forRootAsync', async () => {
    @Injectable()
    class Settings {
      readonly prefix = prefix;
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class SettingsModule {}
    const testing = await Test.createTestingModule({
      imports: [
        BulletproofModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: async (settings: Settings) => ({
            redis: redis.url,
            prefix: settings.prefix,
            work: true,
          }),
        }),
      ],
      providers: [Phrases, Greeter],
    }).compile();
    open.push(testing);
    await testing.init();
    const handle = await testing.get(Bulletproof).enqueue(greet({ name: 'Cy' }));
    expect(await handle.result({ timeout: '10s' })).toMatchObject({ text: 'Hello, Cy' });
  });

  it('finds jobs on values, factories and controllers, and an alias once', async () => {
    class Plain {
      @Job()
      async value() {
        return 'from a value';
      }
    }
    class Made {
      @Job()
      async factory() {
        return 'from a factory';
      }
    }
    @Controller()
    class Page {
      @Get()
      page() {
        return 'a page';
      }

      @Job()
      async controller() {
        return 'from a controller';
      }
    }
    @Module({
      imports: [BulletproofModule.forRoot(options({ work: true }))],
      controllers: [Page],
      providers: [
        { provide: 'plain', useValue: new Plain() },
        { provide: 'made', useFactory: async () => new Made() },
        { provide: 'alias', useExisting: 'plain' },
        { provide: 'nothing', useValue: null },
        { provide: 'text', useValue: 'text' },
        { provide: 'bare', useValue: Object.create(null) },
        { provide: 'fn', useFactory: () => () => 1 },
      ],
    })
    class AppModule {}
    const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
    open.push(context);
    const app = context.get(Bulletproof);
    const calls = [jobsOf(Plain).value(), jobsOf(Made).factory(), jobsOf(Page).controller()];
    const results = calls.map(async (call) => (await app.enqueue(call)).result({ timeout: '10s' }));
    expect(await Promise.all(results)).toEqual([
      'from a value',
      'from a factory',
      'from a controller',
    ]);
  });

  it('never reads a getter of a provider', async () => {
    let read = false;
    class Shy {
      get secret(): string {
        read = true;
        return 'seen';
      }
    }
    await boot({ work: true }, [Shy, Phrases, Greeter]);
    expect(read).toBe(false);
  });

  it('starts its worker after every onModuleInit', async () => {
    const order: string[] = [];
    @Injectable()
    class Slow {
      ready = false;

      async onModuleInit() {
        await new Promise((done) => setImmediate(done));
        this.ready = true;
      }
    }
    @Injectable()
    class Impatient {
      constructor(@Inject(Slow) private readonly slow: Slow) {}

      @Job()
      async look() {
        order.push(this.slow.ready ? 'ready' : 'too early');
      }
    }
    const producer = await boot({}, []);
    const handle = await producer.get(Bulletproof).enqueue(jobsOf(Impatient).look());
    await boot({ work: true }, [Slow, Impatient]);
    await handle.result({ timeout: '10s' });
    expect(order).toEqual(['ready']);
  });
});
