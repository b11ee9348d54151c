// docs/reference/redis-keys.md against what an app leaves in Redis.
import { once } from 'node:events';
import { keysUnder, until } from '@bulletproof/test-kit';
import { expect, it } from '@jest/globals';
import { type Bulletproof, Discard, defineJob, Snooze } from '../../src/index.js';
import { trial } from '../app/trial.js';
import { codesIn, pageText, tableRows } from './page.js';

const t = trial();
const page = pageText('reference/redis-keys.md');

const keyed = defineJob(
  { name: 'keyed', idempotencyKey: ({ key }: { key: string }) => key },
  async (_: { key: string }, job) => job.step('effect', () => 'done'),
);
const doomed = defineJob(
  { name: 'doomed', idempotencyKey: ({ key }: { key: string }) => key, attempts: 1 },
  async (_: { key: string }, job) => {
    await job.step('effect', () => 'half');
    throw new Discard('for good');
  },
);
const plain = defineJob({ name: 'plain' }, async () => 'plain');
/** Holds its call until it is told to stop. */
const holding = defineJob({ name: 'holding' }, async (_: undefined, job) => {
  await job.step('begun', () => true);
  await once(job.signal, 'abort');
});
const napping = defineJob({ name: 'napping' }, async () => {
  throw new Snooze('1h');
});

/** Brings about every kind of key: done, dead, cancelled, waiting, snoozed, with a key, an id, both and neither. */
async function play(app: Bulletproof): Promise<void> {
  app.register(keyed, doomed, plain, napping);
  const worker = await app.work();
  const snoozed = new Promise((resolve) => app.events.once('job.snoozed', resolve));
  const ended = [
    await app.enqueue(keyed({ key: 'a' })),
    await app.enqueue(keyed({ key: 'b' }, { id: 'own:name' })),
    await app.enqueue(plain({ id: 'plain-1' })),
    await app.enqueue(doomed({ key: 'c' })),
    await app.enqueue(doomed({ key: 'd' })),
  ];
  await app.enqueue(napping());
  await Promise.allSettled([...ended.map((handle) => handle.result()), snoozed]);
  await worker.close();
  await app.dead.retry(ended[4]?.id ?? '');
  const unwanted = await app.enqueue(keyed({ key: 'e' }));
  await unwanted.cancel('not wanted');
  await app.enqueue(keyed({ key: 'f' }, { timeout: '1s', expiresAfter: '1h', delay: '1m' }));
  app.register(holding);
  const holder = await app.work({ queues: { high: 1 } });
  t.closing(() => holder.close({ deadline: 0 }));
  const held = await app.enqueue(holding(undefined, { queue: 'high' }));
  await until(async () =>
    (await keysUnder(t.redis, t.prefix)).some((key) => key.endsWith(`:call:${held.id}`)),
  );
}

it('names every key of ours with its type', async () => {
  const documented = tableRows(page, 'Our keys').map(([name = '', type = '']) => {
    const [pattern = ''] = codesIn(name);
    const source = pattern
      .slice('shop:{rNN}:'.length)
      .replace('<22 characters>', '[A-Za-z0-9_-]{22}')
      .replace('<id>', '[^:]+');
    return { name, type, pattern: new RegExp(`:\\{r\\d\\d\\}:${source}$`) };
  });
  await play(t.app());
  const keys = (await keysUnder(t.redis, t.prefix)).filter((key) => /:\{r\d\d\}:/.test(key));
  const types = await Promise.all(keys.map((key) => t.redis.type(key)));
  const undocumented = keys.filter((key, at) => {
    const found = documented.find(({ pattern }) => pattern.test(key));
    return found?.type !== (types[at] === 'zset' ? 'sorted set' : types[at]);
  });
  expect(undocumented).toEqual([]);
  const unseen = documented.filter(({ pattern }) => !keys.some((key) => pattern.test(key)));
  expect(unseen.map(({ name }) => name)).toEqual(['`shop:{rNN}:doctor`']); // comes with the first round
});

it('names every field of a record', async () => {
  const fields = new Set(
    tableRows(page, 'Fields of a record').flatMap(([name = '']) => codesIn(name)),
  );
  await play(t.app());
  const records = (await keysUnder(t.redis, t.prefix)).filter((key) =>
    /:\{r\d\d\}:(?:key|call):/.test(key),
  );
  const found = new Set((await Promise.all(records.map((key) => t.redis.hkeys(key)))).flat());
  const named = [...found].map((field) => (field.startsWith('s:') ? 's:<name>' : field));
  expect(named.filter((field) => !fields.has(field))).toEqual([]);
  expect([...fields].filter((field) => !named.includes(field))).toEqual([]);
});

it("names every field of BullMQ's job", async () => {
  const fields = new Set(tableRows(page, "BullMQ's job").flatMap(([name = '']) => codesIn(name)));
  await play(t.app());
  const jobs = (await keysUnder(t.redis, t.prefix)).filter((key) =>
    /:default:(?:k-|a-|own|plain)[^:]*$/.test(key),
  );
  const data = await Promise.all(jobs.map((key) => t.redis.hget(key, 'data')));
  const all = data.map((text) => JSON.parse(text ?? '{}') as { bp?: object });
  expect(new Set(all.flatMap((each) => Object.keys(each)))).toEqual(new Set(['v', 'input', 'bp']));
  const found = new Set(all.flatMap(({ bp = {} }) => Object.keys(bp)));
  expect([...found].filter((field) => !fields.has(field))).toEqual([]);
});
