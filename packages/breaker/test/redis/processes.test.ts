// Processes of their own: one opening opens all, and the death of a probe's holder is no end.
import { type Child, removeKeys, startChild, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';

const PROCESSES = 4;
const LEASE_MS = 1_000;
const redis = testRedis();
let prefix: string;
let children: Child[];

beforeEach(() => {
  prefix = uniquePrefix('processes');
});

/** Starts the fleet, with that much time for a call and for a probe. */
async function start(timeoutMs: number, leaseMs: number): Promise<void> {
  children = Array.from({ length: PROCESSES }, () =>
    startChild(new URL('../fixtures/process.ts', import.meta.url), {
      args: [redis.url, prefix, 'stripe', String(timeoutMs), String(leaseMs)],
    }),
  );
  await all('storeUp');
}

afterEach(async () => {
  await Promise.all(children.filter(({ running }) => running).map((child) => child.kill()));
  await removeKeys(redis.client, prefix);
});

afterAll(() => redis.close());

/** The next message of that kind of every process that lives. */
function all(say: string) {
  return Promise.all(children.filter(({ running }) => running).map((child) => child.message(say)));
}

async function dependency(state: object): Promise<void> {
  for (const child of children) child.tell('dependency', { ...state });
  await all('dependency');
}

function fire(child: Child) {
  child.tell('fire');
  return child.message('ended');
}

it('one opens all, one probes, all close', async () => {
  // The probe lasts until all others were refused, however long this machine takes for that.
  await start(20_000, 21_000);
  await dependency({ up: false });
  const [first] = children as [Child];
  expect(await fire(first)).toMatchObject({ result: 'down' });
  await first.message('called');
  const times = (await all('open')).map(({ at }) => Number(at)).sort((a, b) => a - b);
  process.stdout.write(
    `breaker processes: opened within ${Number(times.at(-1)) - Number(times[0])} ms of each other\n`,
  );
  await all('halfOpen');
  await dependency({ up: true, hangs: true });
  let probes = 0;
  const calls = children.map(async (child) => {
    await child.message('called');
    probes += 1;
    return child;
  });
  const ends = children.map(fire);
  const prober = await Promise.any(calls);
  const others = ends.filter((_, nth) => children[nth] !== prober);
  expect((await Promise.all(others)).map(({ result }) => result)).toEqual(
    others.map(() => 'EOPENBREAKER'),
  );
  await dependency({ up: true });
  expect((await Promise.all(ends)).filter(({ result }) => result === 'fine')).toHaveLength(1);
  await all('close');
  expect(probes).toBe(1);
}, 30_000);

it('the holder of a probe is killed: the next probe comes within its lease', async () => {
  await start(LEASE_MS - 100, LEASE_MS);
  await dependency({ up: false });
  const [holder, ...others] = children as [Child, Child, ...Child[]];
  await fire(holder);
  await holder.message('called');
  await all('halfOpen');
  await dependency({ up: false, hangs: true });
  holder.tell('fire');
  const killed = Number((await holder.message('called')).at);
  await holder.kill();
  await dependency({ up: true });
  const [next] = others as [Child];
  let ended = await fire(next);
  while (ended.result === 'EOPENBREAKER') ended = await fire(next);
  const probed = Number((await next.message('called')).at);
  process.stdout.write(
    `breaker processes: next probe ${probed - killed} ms after the holder's, lease ${LEASE_MS} ms\n`,
  );
  expect(ended.result).toBe('fine');
  // Not before the lease has ended; a bound from above is the message's own deadline.
  expect(probed - killed).toBeGreaterThan(LEASE_MS / 2);
  await all('close');
}, 30_000);
