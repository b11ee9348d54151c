import { isBulletproofError, Job } from '@bulletproof/core';
import { testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module, type ModuleMetadata, Scope } from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import { BulletproofModule, type BulletproofModuleOptions } from '../src/index.js';
import { Greeter, Phrases } from './greeter.js';

const redis = testRedis();

/** Boots and gives the error that refused it. */
async function refusal(
  metadata: ModuleMetadata,
  more: object = {},
): Promise<Error & Record<string, unknown>> {
  const options = { redis: redis.url, prefix: uniquePrefix('nest'), ...more };
  @Module({
    ...metadata,
    imports: [
      ...(metadata.imports ?? []),
      BulletproofModule.forRoot(options as BulletproofModuleOptions),
    ],
  })
  class AppModule {}
  try {
    const context = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
      abortOnError: false,
    });
    await context.close();
  } catch (error) {
    expect(isBulletproofError(error)).toBe(true);
    return error as Error & Record<string, unknown>;
  }
  throw new Error('It booted.');
}

describe('a Nest application is refused', () => {
  afterAll(() => redis.close());

  it('when a provider with jobs is request-scoped', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @Job()
      async run() {}
    }
    const error = await refusal({ providers: [PerRequest] }, { work: true });
    expect(error).toMatchObject({
      code: 'REQUEST_SCOPED_JOB',
      provider: 'PerRequest',
      jobs: ['run'],
      scope: 'request',
    });
    expect(error.message).toContain('singleton');
  });

  it('when a provider with jobs depends on something request-scoped', async () => {
    @Injectable()
    class Indirect {
      constructor(@Inject(REQUEST) readonly request: unknown) {}

      @Job()
      async run() {}
    }
    expect(await refusal({ providers: [Indirect] })).toMatchObject({
      code: 'REQUEST_SCOPED_JOB',
      scope: 'request',
    });
  });

  it('when a provider with jobs is transient', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      @Job()
      async run() {}
    }
    expect(await refusal({ providers: [Transient] })).toMatchObject({
      code: 'REQUEST_SCOPED_JOB',
      scope: 'transient',
    });
  });

  it('when two modules provide the same jobs', async () => {
    @Module({ providers: [Phrases, Greeter] })
    class FirstModule {}
    @Module({ providers: [Phrases, Greeter] })
    class SecondModule {}
    expect(await refusal({ imports: [FirstModule, SecondModule] })).toMatchObject({
      code: 'JOBS_PROVIDED_TWICE',
      provider: 'Greeter',
      modules: expect.arrayContaining(['FirstModule', 'SecondModule']),
    });
  });

  it('when a class is listed under jobs that no module provides', async () => {
    const error = await refusal({ providers: [Phrases] }, { jobs: [Greeter] });
    expect(error).toMatchObject({ code: 'UNKNOWN_PROVIDER', provider: 'Greeter', jobs: ['greet'] });
    expect(error.message).toContain('providers');
  });

  it('when the module is imported twice', async () => {
    const other = BulletproofModule.forRoot({ redis: redis.url, prefix: uniquePrefix('nest') });
    const error = await refusal({ imports: [other], providers: [Phrases, Greeter] });
    expect(error).toMatchObject({ code: 'BULLETPROOF_IMPORTED_TWICE', times: 2 });
  });

  it('when two classes have jobs of one name', async () => {
    class One {
      @Job({ name: 'same' })
      async run() {}
    }
    class Two {
      @Job({ name: 'same' })
      async run() {}
    }
    expect(await refusal({ providers: [One, Two] })).toMatchObject({ code: 'DUPLICATE_JOB' });
  });

  it('when a job wants a queue that the app does not have', async () => {
    class Lost {
      @Job({ queue: 'nowhere' })
      async run() {}
    }
    expect(await refusal({ providers: [Lost] })).toMatchObject({ code: 'UNKNOWN_QUEUE' });
  });

  it.each<[string, object]>([
    ['an unknown option', { prefixx: 'shop' }],
    ['jobs that are no list', { jobs: Greeter }],
    ['work that says nothing', { work: 'yes' }],
    ['a worker of an unknown queue', { work: { queues: { urgent: 1 } } }],
    ['a deadline that is none', { shutdownDeadline: 'soon' }],
    ['no Redis', { redis: undefined }],
  ])('for %s', async (_, wrong) => {
    const error = await refusal({ providers: [Phrases, Greeter] }, wrong);
    expect(error.code).toBe('INVALID_OPTION');
  });
});
