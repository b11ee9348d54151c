import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Input } from '../input.js';
import { JOB, KEEP_S, type Place, QUEUE, RETRIES, type Side } from './side.js';

type BulkJob = { name: string; data: Input; opts: typeof OPTIONS };

/** Jobs of one awaited bulk add. */
const PAGE = 1_000;

const OPTIONS = {
  attempts: RETRIES.attempts,
  backoff: { type: 'exponential', delay: RETRIES.delayMs },
} as const;

/** BullMQ as its own documentation shows it. */
export const bare: Side = {
  async producer(place) {
    const { connection, close } = connect(place);
    const queue = new Queue<Input>(QUEUE, { prefix: place.prefix, connection });
    await queue.waitUntilReady();
    return {
      add: (input) => queue.add(JOB, input, OPTIONS),
      async addMany(inputs) {
        let page: BulkJob[] = [];
        for (const data of inputs) {
          page.push({ name: JOB, data, opts: OPTIONS });
          if (page.length < PAGE) continue;
          await queue.addBulk(page);
          page = [];
        }
        if (page.length > 0) await queue.addBulk(page);
      },
      async close() {
        await queue.close();
        await close();
      },
    };
  },

  async worker(place, concurrency, run) {
    const { connection, close } = connect(place);
    const worker = new Worker<Input>(QUEUE, async ({ data }) => run(data), {
      prefix: place.prefix,
      connection,
      concurrency,
      removeOnComplete: { age: KEEP_S },
    });
    await worker.waitUntilReady();
    return {
      async close() {
        await worker.close();
        await close();
      },
    };
  },
};

/** A connection of the application's own, which BullMQ shares for all but its blocking reads. */
function connect({ redisUrl }: Place): { connection: Redis; close: () => Promise<void> } {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  return {
    connection,
    close: async () => {
      await connection.quit();
    },
  };
}
