// Twenty who serve the same schedules at the same moments, on the server's own locks and a clock that is moved by hand.
import { keyspace, ManualClock, portOf, ScriptRunner, TypedEmitter } from '@bulletproof/kernel';
import { removeKeys } from '@bulletproof/test-kit';
import { afterEach, expect, it } from '@jest/globals';
import { ScheduleBook } from '../../src/schedule/book.js';
import type { ScheduleEvents } from '../../src/schedule/events.js';
import { RedisScheduleStore, Service, type TickPort } from '../../src/schedule/internal.js';
import { resolveSchedule } from '../../src/schedule/options.js';
import { trial } from '../app/trial.js';

const t = trial();
afterEach(() => removeKeys(t.redis, t.prefix));

it('0 lost and 0 doubled ticks while twenty boot, serve and die together', async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const enqueued = new Map<string, number>();
  const told: string[] = [];
  const events = new TypedEmitter<ScheduleEvents>();
  events.on('schedule.ticked', ({ schedule, tick }) => told.push(`${schedule}@${tick}`));
  let deaths = 0;
  const port = (isFrail: () => boolean): TickPort => ({
    async enqueue({ schedule, at }) {
      if (isFrail()) {
        deaths += 1;
        throw new Error('died before the add');
      }
      const key = `${schedule}@${at}`;
      const isNew = !enqueued.has(key);
      enqueued.set(key, (enqueued.get(key) ?? 0) + 1);
      if (isFrail()) {
        deaths += 1;
        throw new Error('died after the add');
      }
      return { id: key, isNew };
    },
    look: async () => ({ isGoing: false, endedMs: undefined }),
    cancel: async () => {},
  });
  const boot = () => {
    const store = new RedisScheduleStore(
      new ScriptRunner(portOf(t.redis)),
      keyspace(t.prefix),
      () => clock.nowMs(),
    );
    const service = new Service({
      store,
      events,
      clock,
      port: port(() => Math.random() < 0.05),
    });
    return { store, service };
  };
  const schedule = resolveSchedule('x', { every: '15s', misfire: 'all', overlap: 'queue' });
  const record = { job: 'job', queue: 'q', isDeclared: true, schedule, template: null };
  const names = ['a', 'b', 'c'];
  const startMs = clock.nowMs();
  const STEPS = 400;
  for (let step = 0; step < STEPS; step += 1) {
    // All of them boot anew every now and then, and declare what is declared.
    const fleet = Array.from({ length: 20 }, boot);
    if (step % 10 === 0) {
      const books = fleet.map(({ store }) => new ScheduleBook(store));
      await Promise.all(books.flatMap((book) => names.map((name) => book.declare(name, record))));
    }
    clock.advance(5_000);
    await Promise.all(
      fleet.map(async ({ store, service }) => {
        const { names: due } = await store.findDue(10);
        await Promise.all(due.map((name) => service.serve(name).catch(() => {})));
      }),
    );
  }
  // The last ticks may have met with a death.
  clock.advance(11_000);
  const last = boot();
  for (const name of names) await last.service.serve(name).catch(() => {});

  const expected: string[] = [];
  for (let tick = startMs + 15_000; tick <= startMs + STEPS * 5_000 - 30_000; tick += 15_000) {
    for (const name of names) expected.push(`${name}@${tick}`);
  }
  expect(expected.filter((key) => !enqueued.has(key))).toEqual([]);
  expect(deaths).toBeGreaterThan(10);
  expect(new Set(told).size).toBe(told.length);
  // Only who follows a dead one adds again, which adds nothing.
  const adds = [...enqueued.values()].reduce((sum, count) => sum + count, 0);
  expect(adds - enqueued.size).toBeLessThanOrEqual(deaths);
}, 60_000);
