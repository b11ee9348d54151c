// A typed user. Compiled with legacy and with standard decorators, to CommonJS and to ESM, and then run.
import { Bulletproof, Job, JobContext, jobsOf } from '@bulletproof/core';

interface Charge {
  orderId: string;
}

class OrderJobs {
  runs = 0;

  @Job({ idempotencyKey: ({ orderId }: Charge) => orderId, attempts: 3, timeout: '30s' })
  async charge({ orderId }: Charge, job: JobContext): Promise<{ receipt: string; at: number }> {
    this.runs += 1;
    const receipt = await job.step('capture', () => `charged ${orderId}`);
    return { receipt, at: job.attempt };
  }
}

const { charge } = jobsOf(OrderJobs);

export function doesNotCompile(): unknown[] {
  return [
    // @ts-expect-error the order id is a string
    charge({ orderId: 42 }),
    // @ts-expect-error there is no such option
    charge({ orderId: '42' }, { atempts: 1 }),
  ];
}

async function main() {
  const app = new Bulletproof({
    redis: process.env.REDIS_URL ?? '',
    prefix: process.argv[2] ?? '',
  });
  const jobs = new OrderJobs();
  app.register(jobs);
  const first = await app.enqueue(charge({ orderId: '42' }));
  const second = await app.enqueue(charge({ orderId: '42' }));
  const worker = await app.work();
  const { receipt: result, at }: { receipt: string; at: number } = await first.result({
    timeout: '20s',
  });
  await worker.close();
  await app.close();
  const { runs } = jobs;
  process.stdout.write(
    JSON.stringify({ result, runs, deduplicated: second.deduplicated, typed: at === 1 }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
