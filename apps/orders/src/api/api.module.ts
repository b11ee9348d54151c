import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { PlatformModule } from '../platform.module.js';
import { OrdersController } from './orders.controller.js';

/** The HTTP process. What takes the orders in comes from outside as an `OrderIntake`. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: NestJS takes a class with a static method for a dynamic module
export class ApiModule {
  static forRoot(
    config: Config,
    logger: Logger,
    { imports = [], providers = [] }: Pick<ModuleMetadata, 'imports' | 'providers'>,
  ): DynamicModule {
    return {
      module: ApiModule,
      imports: [PlatformModule.forRoot(config, logger), ...imports],
      providers,
      controllers: [OrdersController],
    };
  }
}
