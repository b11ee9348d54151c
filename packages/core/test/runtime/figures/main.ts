// Figures of docs/guarantees.md, on a quiet machine: how long after `kill -9` calls go on, and what an idle worker costs.
// Run in packages/core: node --import ../tooling/src/typescript/register.mjs test/runtime/figures/main.ts [rounds]
import { systemClock } from '@bulletproof/kernel';
import {
  type Child,
  commandsDuring,
  type OwnRedis,
  ownRedis,
  startChild,
  totalCommands,
} from '@bulletproof/test-kit';
import { Queue } from 'bullmq';
import { pino } from 'pino';
import { Bulletproof, defineJob } from '../../../src/index.js';

const CALLS = 5;
const IDLE_MS = 30_000;

type Side = 'ours' | 'stock';

/** A measurement takes its time; nothing is waited for here. */
const pause = (ms: number) =>
  new Promise<void>((resolve) => systemClock.setTimer(ms, () => resolve()));

function start(side: Side, { url: redis }: OwnRedis, prefix: string): Child {
  return startChild(new URL('../../fixtures/default-worker.ts', import.meta.url), {
    env: { SIDE: JSON.stringify({ side, redis, prefix }) },
  });
}

/** Seconds from the kill to the first and the last of its calls' next start. */
async function afterKill(side: Side, server: OwnRedis, round: number): Promise<[number, number]> {
  const prefix = `kill-${side}-${round}`;
  const app = new Bulletproof({ redis: server.url, prefix, logger: pino({ level: 'silent' }) });
  const queue = new Queue('default', { prefix, connection: { url: server.url } });
  const hang = defineJob({ name: 'hang' });
  const killed = start(side, server, prefix);
  await killed.message('ready');
  for (let at = 0; at < CALLS; at += 1) {
    await (side === 'ours' ? app.enqueue(hang()) : queue.add('hang', {}));
    await killed.message('started');
  }
  const next = start(side, server, prefix);
  await next.message('ready');
  // Where in the lease and in the scan interval it dies is a matter of luck: each round another place.
  await pause(3_000 + Math.random() * 4_000);
  await killed.kill();
  const killedAt = performance.now();
  const times: number[] = [];
  while (times.length < CALLS) {
    const message = await next.message('started').catch(() => undefined);
    if (message === undefined) continue;
    if (message.attempt !== 1) throw new Error('an attempt was consumed');
    times.push((performance.now() - killedAt) / 1000);
  }
  await next.kill();
  await queue.close();
  await app.close();
  return [Math.min(...times), Math.max(...times)];
}

/** Commands a second of an idle worker of four queues, those inside scripts included. */
async function idle(side: Side, server: OwnRedis): Promise<string> {
  const worker = start(side, server, `idle-${side}`);
  await worker.message('ready');
  await pause(10_000);
  const counts = await commandsDuring(server.client, () => pause(IDLE_MS));
  await worker.kill();
  const rate = (count: number) => ((count * 1000) / IDLE_MS).toFixed(2);
  const each = Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${rate(count)}`);
  return `${side}: ${rate(totalCommands(counts))} commands/s (${each.join(', ')})`;
}

const rounds = Number(process.argv[2] ?? 5);
const server = await ownRedis();
for (const side of ['ours', 'stock'] as const) console.log(await idle(side, server));
for (const side of ['ours', 'stock'] as const) {
  for (let round = 0; round < rounds; round += 1) {
    const [first, last] = await afterKill(side, server, round);
    console.log(`${side}: first call after ${first.toFixed(1)} s, last after ${last.toFixed(1)} s`);
  }
}
await server.stop();
