// With jobs: an open breaker puts them off, so an outage consumes no attempts.
import { Bulletproof, Job, type JobSnoozedEvent, jobsOf } from '@bulletproof/core';
import { removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Breaker, breakers, configureBreakers } from '../../src/index.js';

const redis = testRedis();
let app: Bulletproof;
let prefix: string;
let gateway: { up: boolean; calls: number };
const attempts: number[] = [];

class Gateway {
  @Breaker({
    name: 'gateway',
    timeout: '3s',
    resetTimeout: 400,
    maxResetTimeout: 400,
    volumeThreshold: 2,
  })
  async capture(orderId: string): Promise<string> {
    gateway.calls += 1;
    if (!gateway.up) throw new Error('gateway is down');
    return `receipt ${orderId}`;
  }
}

class OrderJobs {
  readonly #gateway = new Gateway();

  @Job({ name: 'charge', attempts: 9, backoff: { type: 'fixed', delay: 1 } })
  async charge({ orderId }: { orderId: string }, job?: { attempt: number }): Promise<string> {
    attempts.push(job?.attempt ?? 0);
    return this.#gateway.capture(orderId);
  }
}

class DecoratedTwice {
  @Job({ name: 'job-above' })
  @Breaker({ name: 'both', volumeThreshold: 2 })
  async jobAbove(input: { n: number }): Promise<number> {
    return input.n;
  }

  @Breaker('both')
  @Job({ name: 'job-below' })
  async jobBelow(input: { n: number }): Promise<number> {
    return input.n;
  }
}

beforeEach(() => {
  prefix = uniquePrefix('breaker-core');
  app = new Bulletproof({ redis: redis.url, prefix, logger: pino({ level: 'silent' }) });
  configureBreakers({ redis: redis.url, prefix });
  gateway = { up: true, calls: 0 };
  attempts.length = 0;
});

afterEach(async () => {
  await app.close({ deadline: '1s' });
  await breakers.close();
  await removeKeys(redis.client, prefix);
});

afterAll(() => redis.close());

it('jobs of an open breaker are snoozed until it is due, without consuming an attempt', async () => {
  app.register(new OrderJobs());
  const { charge } = jobsOf(OrderJobs);
  const worker = await app.work({ queues: { default: 1 } });
  // Opens it, outside of any job.
  gateway.up = false;
  for (let n = 0; n < 2; n += 1) await new Gateway().capture('x').catch(() => {});
  expect(breakers.get('gateway').opened).toBe(true);

  const snoozed: JobSnoozedEvent[] = [];
  const thrice = new Promise<void>((resolve) => {
    app.events.on('job.snoozed', (event) => {
      snoozed.push(event);
      if (snoozed.length >= 3) resolve();
    });
  });
  const failed: unknown[] = [];
  app.events.on('job.failed', (event) => failed.push(event));
  const handles = await Promise.all(
    ['1', '2', '3'].map((orderId) => app.enqueue(charge({ orderId }))),
  );
  await thrice;
  const inVain = gateway.calls - 2;
  gateway.up = true;
  const receipts = await Promise.all(handles.map((handle) => handle.result({ timeout: '20s' })));
  expect(receipts).toEqual(['receipt 1', 'receipt 2', 'receipt 3']);
  for (const event of snoozed)
    expect(event).toMatchObject({ attempt: 1, reason: 'Breaker is open' });
  for (const { delayMs } of snoozed) expect(delayMs).toBeLessThanOrEqual(3_000);
  // Only who was the probe while the gateway was down has consumed an attempt.
  expect(failed).toHaveLength(inVain);
  expect(Math.max(...attempts)).toBeLessThanOrEqual(1 + inVain);
  await worker.close();
}, 30_000);

it('a method may be a job behind a breaker, whichever decorator stands above', async () => {
  app.register(new DecoratedTwice());
  const { jobAbove, jobBelow } = jobsOf(DecoratedTwice);
  const worker = await app.work({ queues: { default: 1 } });
  for (const job of [jobAbove, jobBelow]) {
    const handle = await app.enqueue(job({ n: 5 }));
    expect(await handle.result({ timeout: '20s' })).toBe(5);
  }
  expect(breakers.get('both').stats.successes).toBe(2);
  await worker.close();
});
