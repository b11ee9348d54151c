import {
  type Child,
  leftoverKeys,
  startChild,
  testRedis,
  uniquePrefix,
} from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, expect } from '@jest/globals';
import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { Bulletproof, type BulletproofOptions, type JobEvents } from '../../src/index.js';

/** What the tests of one file share: each test has its own prefix, and leaves nothing behind. */
export interface World {
  readonly url: string;
  /** The prefix of the test that runs. */
  readonly prefix: string;
  /** A connection for the test's own questions. */
  readonly redis: Redis;
  /** An app under the test's prefix; closed with its workers when the test ends. */
  app(options?: Partial<BulletproofOptions>): Bulletproof;
  /** A worker process under the test's prefix (`fixtures/worker.ts`); killed when the test ends. */
  workerProcess(options?: WorkerProcessOptions): Child;
  /** BullMQ's view of a queue. */
  queue(name?: string): Queue;
  /** BullMQ's job of a delivery; by default of the queue `default`. */
  bullJob(id: string, queue?: string): Promise<Job>;
  /** Effects that worker processes had on the outside, in order. */
  effects(): Promise<string[]>;
  /** This test leaves calls open on purpose: what is left is not looked at. */
  leavesCallsOpen(): void;
}

/** What a worker process is given besides the test's prefix. */
export type WorkerProcessOptions = Pick<Partial<BulletproofOptions>, 'lease' | 'maxCrashes'> & {
  /** Slots of the queue `default`. @default 10 */
  readonly slots?: number;
  /** Names of the fixture's jobs that it knows. @default all */
  readonly jobs?: readonly string[];
  readonly url?: string;
};

const silent = pino({ level: 'silent' });
const QUEUES = ['critical', 'high', 'default', 'low'];

/** Sets up a file of tests on the shared Redis. */
export function world(): World {
  const shared = testRedis();
  let prefix = '';
  let isLookedAt = true;
  let apps: Bulletproof[] = [];
  let children: Child[] = [];
  let queues = new Map<string, Queue>();

  beforeEach(() => {
    prefix = uniquePrefix('run');
    isLookedAt = true;
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.kill()));
    const open = isLookedAt ? await activeJobs() : [];
    await Promise.all(apps.splice(0).map((app) => app.close({ deadline: 0 })));
    await Promise.all([...queues.values()].map((queue) => queue.close()));
    queues = new Map();
    if (!isLookedAt) return;
    expect({ active: open, withoutEnd: await ownKeysWithoutEnd() }).toEqual({
      active: [],
      withoutEnd: [],
    });
  });
  afterAll(() => shared.close());

  async function activeJobs(): Promise<string[]> {
    const lists = await Promise.all(
      QUEUES.map((name) => shared.client.lrange(`${prefix}:${name}:active`, 0, -1)),
    );
    return lists.flat();
  }

  /** BullMQ trims its own keys as jobs end; ours must end by themselves. */
  function ownKeysWithoutEnd(): Promise<string[]> {
    return leftoverKeys(shared.client, prefix, { allow: [/^(?!.*:\{r\d\d\})/] });
  }

  const queue = (name = 'default'): Queue => {
    let found = queues.get(name);
    if (!found) {
      found = new Queue(name, { prefix, connection: shared.client });
      queues.set(name, found);
    }
    return found;
  };

  return {
    url: shared.url,
    get prefix() {
      return prefix;
    },
    get redis() {
      return shared.client;
    },
    app(options = {}) {
      const app = new Bulletproof({ redis: shared.url, prefix, logger: silent, ...options });
      apps = [...apps, app];
      return app;
    },
    workerProcess({ slots = 10, jobs, url = shared.url, ...options } = {}) {
      const settings = { redis: url, prefix, ...options };
      const child = startChild(new URL('../fixtures/worker.ts', import.meta.url), {
        env: { WORKER: JSON.stringify({ settings, slots, jobs }) },
      });
      children = [...children, child];
      return child;
    },
    queue,
    async bullJob(id, name) {
      const job = await queue(name).getJob(id);
      if (!job) throw new Error(`BullMQ has no job ${id}`);
      return job;
    },
    effects: () => shared.client.lrange(`${prefix}:effects`, 0, -1),
    leavesCallsOpen() {
      isLookedAt = false;
    },
  };
}

/** Everything that an app's events say from now on, as `name` or, with a second element, what `pick` makes of it. */
export function recordEvents(
  app: Bulletproof,
): { readonly name: string; readonly payload: never }[] {
  const seen: { name: string; payload: never }[] = [];
  for (const name of EVENT_NAMES) {
    app.events.on(name, (payload) => seen.push({ name, payload: payload as never }));
  }
  return seen;
}

/** A promise and the means to settle it. */
export function deferred<T = void>(): {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** All events of jobs. */
export const EVENT_NAMES = [
  'job.enqueued',
  'job.deduplicated',
  'job.started',
  'job.completed',
  'job.failed',
  'job.dead',
  'job.snoozed',
  'job.cancelled',
  'job.stalled',
] as const satisfies readonly (keyof JobEvents)[];
