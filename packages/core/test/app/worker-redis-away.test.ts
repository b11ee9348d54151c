import { type OwnRedis, TcpProxy, until } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type BulletproofOptions, type Call, defineJob, type JobContext } from '../../src/index.js';
import { ownServers } from './own-server.js';
import { trial } from './trial.js';

const bench = trial();
const server = ownServers();

/** A job whose runs and effects are counted, and which can be held inside its handler. */
function counting() {
  const runs = new Map<number, number>();
  const effects = new Map<number, number>();
  const aborted: number[] = [];
  let gate = Promise.resolve();
  let open: () => void = () => {};
  const count = (map: Map<number, number>, n: number) => map.set(n, (map.get(n) ?? 0) + 1);
  const charge = defineJob({ name: 'charge' }, async (n: number, job: JobContext) => {
    count(runs, n);
    job.signal.addEventListener('abort', () => aborted.push(n));
    await job.step('capture', () => {
      count(effects, n);
      return n;
    });
    await gate;
    return n * 2;
  });
  return {
    charge,
    runs,
    effects,
    aborted,
    close() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
  };
}

type Charge = ReturnType<typeof counting>['charge'];
const kinds: readonly (readonly [string, (charge: Charge, n: number) => Call<unknown, number>])[] =
  [
    ['without key or id', (charge, n) => charge(n)],
    ['with an id', (charge, n) => charge(n, { id: `charge-${n}` })],
    ['with a key', (charge, n) => charge(n, { idempotencyKey: String(n) })],
  ];
const NUMBERS = Array.from({ length: 60 }, (_, at) => at);
const DOUBLES = NUMBERS.map((n) => n * 2);
const ONCE = new Map(NUMBERS.map((n) => [n, 1]));

describe('a worker whose Redis is not there when it starts', () => {
  it('says so, begins when it comes, and works', async () => {
    const own = await server();
    await own.kill();
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => lines.push(line) });
    const { charge } = counting();
    const app = bench.app({ redis: own.url, logger });
    app.register(charge);
    const starting = app.work({ queues: { default: 1 } });
    await until(() => lines.some((line) => line.includes('ECONNREFUSED')));
    await own.restart();
    await starting;
    const handle = await until(() => app.enqueue(charge(21)));
    await expect(handle.result()).resolves.toBe(42);
  });
});

describe.each(kinds)('work on calls %s', (_kind, call) => {
  /** Sixty calls, and a worker that is in the midst of ten of them. */
  async function midst(own: OwnRedis, options: Partial<BulletproofOptions> = {}) {
    const counted = counting();
    const { charge, runs } = counted;
    counted.close();
    const producer = bench.app({ redis: own.url });
    producer.register(charge);
    const handles = await Promise.all(NUMBERS.map((n) => producer.enqueue(call(charge, n))));
    const app = bench.app({ redis: own.url, ...options });
    app.register(charge);
    await app.work({ queues: { default: 10 } });
    await until(() => runs.size === 10);
    const results = () => Promise.all(handles.map((handle) => handle.result()));
    return { ...counted, producer, results };
  }

  it('goes on after a Redis that was killed is back with its append-only file', async () => {
    const own = await server({ appendOnly: 'always' });
    const { open, results, runs, effects } = await midst(own);
    await own.kill();
    open(); // the ten end while it is away
    await own.restart();
    await expect(results()).resolves.toEqual(DOUBLES);
    expect({ runs, effects }).toEqual({ runs: ONCE, effects: ONCE });
  }, 20_000);

  it('goes on after its connections broke, again and again', async () => {
    const own = await server();
    const proxy = await TcpProxy.open(own.url);
    bench.closing(() => proxy.close());
    // a fetch whose answer is lost has a call active that nobody runs, until its lease ends
    const worker = { redis: proxy.url, lease: '3s' } as const;
    const { open, results, runs, effects } = await midst(own, worker);
    const all = results();
    open();
    for (const ended of [10, 25, 40]) {
      proxy.cut();
      await until(() => runs.size >= ended);
    }
    proxy.cut();
    await expect(all).resolves.toEqual(DOUBLES);
    expect(effects).toEqual(ONCE);
  }, 20_000);

  it('goes on after Redis was read-only for a while, as between two primaries', async () => {
    const own = await server();
    const other = await server();
    const { open, results, runs, effects } = await midst(own);
    await own.config('replica-serve-stale-data', 'yes');
    // a replica of a server that it cannot follow keeps what it has, and refuses writes
    await other.kill();
    await own.client.replicaof(other.host, other.port);
    open();
    await own.client.ping();
    await own.client.replicaof('NO', 'ONE');
    await expect(results()).resolves.toEqual(DOUBLES);
    expect({ runs, effects }).toEqual({ runs: ONCE, effects: ONCE });
  }, 20_000);

  it('goes on after Redis had no memory for a while', async () => {
    const own = await server();
    const { open, results, effects } = await midst(own);
    await own.config('maxmemory', 1);
    open();
    await until(async () => /errorstat_OOM:count=\d{2}/.test(await own.client.info('errorstats')));
    await own.config('maxmemory', 0);
    await expect(results()).resolves.toEqual(DOUBLES);
    expect(effects).toEqual(ONCE);
  }, 20_000);
});

describe.each(kinds)('a run of a call %s that outlives its lease', (_kind, call) => {
  it('because Redis stands still, is told to stop by its own clock, and the call goes on once', async () => {
    const own = await server();
    const { charge, runs, effects, aborted, close, open } = counting();
    close();
    const app = bench.app({ redis: own.url, lease: '500ms' });
    app.register(charge);
    const handle = await app.enqueue(call(charge, 21));
    await app.work({ queues: { default: 1 } });
    await until(() => effects.has(21));
    await until(async () => (await handle.status()).state === 'running');
    await own.pause();
    await until(() => aborted.includes(21));
    await own.resume();
    await until(() => runs.get(21) === 2);
    open();
    await expect(handle.result()).resolves.toBe(42);
    expect(effects.get(21)).toBe(1);
  }, 20_000);
});
