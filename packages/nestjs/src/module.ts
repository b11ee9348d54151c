import { Bulletproof } from '@bulletproof/core';
import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { configureBreakersOf } from './breakers.js';
import { JobDiscovery } from './discovery.js';
import { BulletproofHealthIndicator } from './health.js';
import { BulletproofLifecycle } from './lifecycle.js';
import {
  type BulletproofModuleAsyncOptions,
  type BulletproofModuleOptions,
  type ResolvedModuleOptions,
  resolveModuleOptions,
} from './options.js';
import { BREAKERS, MODULE_OPTIONS } from './tokens.js';

/**
 * Makes one `Bulletproof` for the whole application, registers every provider that owns `@Job` methods, starts a worker
 * where asked, and closes with the application. Import it once, in the root module.
 */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: NestJS takes a class with static methods for a dynamic module
export class BulletproofModule {
  /** With options that are known. */
  static forRoot(options: BulletproofModuleOptions): DynamicModule {
    return moduleWith({ useFactory: () => resolveModuleOptions(options) });
  }

  /** With options that other providers are needed for. */
  static forRootAsync<A extends readonly unknown[]>(
    options: BulletproofModuleAsyncOptions<A>,
  ): DynamicModule {
    const { imports = [], inject = [], useFactory } = options;
    return moduleWith(
      {
        inject,
        useFactory: async (...dependencies: unknown[]) =>
          resolveModuleOptions(await useFactory(...(dependencies as unknown as A))),
      },
      imports,
    );
  }
}

function moduleWith(
  options: Pick<FactoryProvider<ResolvedModuleOptions>, 'inject' | 'useFactory'>,
  imports: DynamicModule['imports'] = [],
): DynamicModule {
  return {
    module: BulletproofModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    providers: [
      { provide: MODULE_OPTIONS, ...options },
      {
        provide: Bulletproof,
        inject: [MODULE_OPTIONS],
        useFactory: ({ app }: ResolvedModuleOptions) => new Bulletproof(app),
      },
      { provide: BREAKERS, inject: [MODULE_OPTIONS], useFactory: configureBreakersOf },
      JobDiscovery,
      BulletproofLifecycle,
      BulletproofHealthIndicator,
    ],
    exports: [Bulletproof, BulletproofHealthIndicator],
  };
}
