import { Bulletproof, isBulletproofError, type QueueStatus } from '@bulletproof/core';
import { Injectable } from '@nestjs/common';
import { BulletproofLifecycle, type WorkerState } from './lifecycle.js';

/** How the process is, as far as jobs go. */
export interface BulletproofHealth {
  readonly status: 'up' | 'down';
  /** What this process does for the jobs. */
  readonly worker: WorkerState;
  /** When it is up: every queue. */
  readonly queues?: readonly QueueStatus[];
  /** When it is down: code of the error, or `CLOSING`. */
  readonly reason?: string;
  /** When it is down: what to do. */
  readonly message?: string;
}

/**
 * Says whether this process can enqueue and work: Redis answers, and it is not about to end. The answer is what
 * `@nestjs/terminus` takes from an indicator, `{ [key]: { status, … } }`; Terminus itself is not needed.
 */
@Injectable()
export class BulletproofHealthIndicator {
  constructor(
    private readonly app: Bulletproof,
    private readonly lifecycle: BulletproofLifecycle,
  ) {}

  /** Looks now. Never throws for a Redis that is away: it is `down` within `enqueueTimeout`. */
  async isHealthy<K extends string = 'bulletproof'>(
    key?: K,
  ): Promise<Record<K, BulletproofHealth>> {
    return { [key ?? 'bulletproof']: await this.look() } as Record<K, BulletproofHealth>;
  }

  private async look(): Promise<BulletproofHealth> {
    const worker = this.lifecycle.state;
    if (worker === 'closing') {
      return { status: 'down', worker, reason: 'CLOSING', message: 'The application closes.' };
    }
    try {
      return { status: 'up', worker, queues: await this.app.queues.status() };
    } catch (error) {
      if (!isBulletproofError(error)) throw error;
      return { status: 'down', worker, reason: error.code, message: error.message };
    }
  }
}
