import { Bulletproof, defineJob, type JobReference } from '@bulletproof/core';
import { pino } from 'pino';
import type { Input } from '../input.js';
import { JOB, KEEP_S, type Place, QUEUE, RETRIES, type Side } from './side.js';

/** Bulletproof with its default options, as an application uses it. */
export const ours: Side = {
  async producer(place) {
    const app = open(place);
    const job = jobOf(place, () => undefined);
    return {
      add: (input) => app.enqueue(job(input)),
      async addMany(inputs) {
        const { refused } = await app.enqueueMany(callsOf(job, inputs));
        const [first] = refused;
        if (first) throw first.error;
      },
      close: () => app.close(),
    };
  },

  async worker(place, concurrency, run) {
    const app = open(place);
    app.register(jobOf(place, run));
    await app.work({ queues: { [QUEUE]: concurrency } });
    return { close: () => app.close() };
  },
};

/** An app with the options of every measurement. */
export function open({ redisUrl, prefix }: Place): Bulletproof {
  return new Bulletproof({
    redis: redisUrl,
    prefix,
    queues: [QUEUE],
    keepResultFor: `${KEEP_S}s`,
    // A server that writes nothing to disk is worth a warning, but not here.
    logger: pino({ level: 'error' }),
  });
}

/** The job that every measurement runs. */
export function jobOf(
  { keyed }: Place,
  run: (input: Input) => unknown,
): JobReference<Input, unknown> {
  return defineJob(
    {
      name: JOB,
      attempts: RETRIES.attempts,
      backoff: { type: 'exponential', delay: RETRIES.delayMs },
      ...(keyed && { idempotencyKey: ({ userId }: Input) => `mail-${userId}` }),
    },
    (input: Input) => run(input),
  );
}

function* callsOf(job: JobReference<Input, unknown>, inputs: Iterable<Input>) {
  for (const input of inputs) yield job(input);
}
