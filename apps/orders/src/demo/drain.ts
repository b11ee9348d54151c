import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';

/** The queues that a Bulletproof app has by default; the bare story uses one of them. */
const QUEUES = ['critical', 'high', 'default', 'low'];
const QUIET_MS = 750;
const LOOK_EVERY_MS = 100;

/** Where work may be left. */
interface Places {
  redisUrl: string;
  prefix: string;
  /** How many calls have not come from the outbox to BullMQ yet. */
  inOutbox: () => Promise<number>;
}

/** Waits until the outbox is empty and BullMQ has nothing to do any more; says false when that did not come in time. */
export async function drained(
  { redisUrl, prefix, inOutbox }: Places,
  deadlineMs: number,
): Promise<boolean> {
  const queues = QUEUES.map((name) => new Queue(name, { connection: { url: redisUrl }, prefix }));
  const until = performance.now() + deadlineMs;
  let quietSince: number | undefined;
  try {
    while (performance.now() < until) {
      const now = performance.now();
      if ((await inOutbox()) > 0 || (await anyWork(queues))) quietSince = undefined;
      else quietSince ??= now;
      if (quietSince !== undefined && now - quietSince >= QUIET_MS) return true;
      await delay(LOOK_EVERY_MS);
    }
    return false;
  } finally {
    await Promise.all(queues.map((queue) => queue.close()));
  }
}

async function anyWork(queues: readonly Queue[]): Promise<boolean> {
  const counts = await Promise.all(
    queues.map((queue) => queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized')),
  );
  return counts.some((count) => Object.values(count).some((jobs) => jobs > 0));
}
