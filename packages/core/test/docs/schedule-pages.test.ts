// Keys and events of schedules and of calls that may be moved, in docs/reference, against the code.
import { keysUnder, removeKeys } from '@bulletproof/test-kit';
import { expect, it } from '@jest/globals';
import { defineJob, type ScheduleEvents } from '../../src/index.js';
import { trial } from '../app/trial.js';
import { codesIn, pageText, tableRows } from './page.js';

const t = trial();
const EVENTS = [
  'schedule.ticked',
  'schedule.late',
  'schedule.skipped',
] as const satisfies readonly (keyof ScheduleEvents)[];

it('names every event of schedules', () => {
  const rows = tableRows(pageText('reference/events.md'), 'Schedules');
  expect(rows.flatMap(([name = '']) => codesIn(name)).sort()).toEqual([...EVENTS].sort());
});

it('names their keys with their types, and the fields of a schedule', async () => {
  const page = pageText('reference/redis-keys.md');
  const rows = [...tableRows(page, 'The schedules'), ...tableRows(page, 'Calls that may be moved')];
  const documented = rows.map(([name = '', type = '']) => ({
    pattern: new RegExp(
      `:\\{r\\d\\d\\}:${codesIn(name)[0]?.slice('shop:{rNN}:'.length).replace('<name>', '[^:]+')}$`,
    ),
    type,
  }));
  const job = defineJob(
    { name: 'j', queue: 'low', escalate: [{ after: '1h', to: 'high' }] },
    async () => {},
  );
  const app = t.app().register(job);
  await app.schedule('n', { every: '1h' }, job());
  await app.enqueue(job());
  const keys = (await keysUnder(t.redis, t.prefix)).filter((key) =>
    /:(?:schedule|watched)/.test(key),
  );
  for (const key of keys) {
    const type = await t.redis.type(key);
    const found = documented.find(({ pattern }) => pattern.test(key));
    expect({ key, type: found?.type }).toEqual({
      key,
      type: type === 'zset' ? 'sorted set' : type,
    });
  }
  expect(keys).toHaveLength(3);
  await removeKeys(t.redis, t.prefix);
});
