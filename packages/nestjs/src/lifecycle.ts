import { Bulletproof, type BulletproofWorker } from '@bulletproof/core';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Breakers } from './breakers.js';
import { JobDiscovery, withoutClasses } from './discovery.js';
import { BulletproofImportedTwiceError } from './errors.js';
import type { ResolvedModuleOptions } from './options.js';
import { BREAKERS, MODULE_OPTIONS } from './tokens.js';

/** `off`: this process only enqueues. */
export type WorkerState = 'off' | 'working' | 'closing';

/** Ties Bulletproof to the life of the Nest application. */
@Injectable()
export class BulletproofLifecycle
  implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  private worker: BulletproofWorker | undefined;
  private isEnding = false;

  constructor(
    private readonly app: Bulletproof,
    private readonly discovery: JobDiscovery,
    @Inject(MODULE_OPTIONS) private readonly options: ResolvedModuleOptions,
    @Inject(BREAKERS) private readonly breakers: Breakers,
  ) {}

  /** Registers the jobs and, where asked, starts the worker: every `onModuleInit` is over by now. */
  async onApplicationBootstrap(): Promise<void> {
    const { jobs, work } = this.options;
    const apps = this.discovery.apps();
    try {
      if (apps.length > 1) throw new BulletproofImportedTwiceError(apps.length);
      const owners = this.discovery.owners();
      this.app.register(...owners, ...withoutClasses(jobs, owners));
      if (work !== undefined) this.worker = await this.app.work(work);
    } catch (error) {
      // Open connections would keep a process alive that failed to start.
      await Promise.all([this.app, ...apps].map((app) => app.close()));
      throw error;
    }
  }

  /** What this process does for the jobs, for people and programs that ask whether it is well. */
  get state(): WorkerState {
    if (this.isEnding) return 'closing';
    return this.worker === undefined ? 'off' : 'working';
  }

  /** Stops working in the first phase of the shutdown, while everything that handlers use is still there. */
  async onModuleDestroy(): Promise<void> {
    this.isEnding = true;
    const { shutdownDeadlineMs } = this.options;
    await this.worker?.close(
      shutdownDeadlineMs === undefined ? {} : { deadline: shutdownDeadlineMs },
    );
  }

  /** Stops enqueuing in the last phase: requests that were being answered until now could still enqueue. */
  async onApplicationShutdown(): Promise<void> {
    await this.app.close();
    await this.breakers.close();
  }
}
