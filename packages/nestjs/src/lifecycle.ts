import { Bulletproof, type BulletproofWorker } from '@bulletproof/core';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { JobDiscovery } from './discovery.js';
import type { ResolvedModuleOptions } from './options.js';
import { MODULE_OPTIONS } from './tokens.js';

/** Ties Bulletproof to the life of the Nest application. */
@Injectable()
export class BulletproofLifecycle
  implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  private worker: BulletproofWorker | undefined;

  constructor(
    private readonly app: Bulletproof,
    private readonly discovery: JobDiscovery,
    @Inject(MODULE_OPTIONS) private readonly options: ResolvedModuleOptions,
  ) {}

  /** Registers the jobs and, where asked, starts the worker: every `onModuleInit` is over by now. */
  async onApplicationBootstrap(): Promise<void> {
    const { jobs, work } = this.options;
    try {
      this.app.register(...this.discovery.owners(), ...jobs);
      if (work !== undefined) this.worker = await this.app.work(work);
    } catch (error) {
      // Open connections would keep a process alive that failed to start.
      await this.app.close();
      throw error;
    }
  }

  /** Stops working in the first phase of the shutdown, while everything that handlers use is still there. */
  async onModuleDestroy(): Promise<void> {
    const { shutdownDeadlineMs } = this.options;
    await this.worker?.close(
      shutdownDeadlineMs === undefined ? {} : { deadline: shutdownDeadlineMs },
    );
  }

  /** Stops enqueuing in the last phase: requests that were being answered until now could still enqueue. */
  async onApplicationShutdown(): Promise<void> {
    await this.app.close();
  }
}
