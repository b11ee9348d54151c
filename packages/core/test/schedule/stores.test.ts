// The store in Redis against the one in memory, which says what each operation means: the same random history through both.
import { keyspace, portOf, ScriptRunner } from '@bulletproof/kernel';
import { removeKeys } from '@bulletproof/test-kit';
import { afterEach, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ScheduleStore } from '../../src/schedule/store.js';
import { MemoryScheduleStore } from '../../src/schedule/stores/memory.js';
import { RedisScheduleStore } from '../../src/schedule/stores/redis.js';
import { trial } from '../app/trial.js';

const t = trial();
afterEach(() => removeKeys(t.redis, t.prefix));

const T0 = Date.UTC(2026, 0, 1);

const move = fc.record({
  operation: fc.constantFrom('findDue', 'seize', 'advance', 'declare', 'lookUp', 'forget', 'wait'),
  name: fc.constantFrom('a', 'b:{c}'),
  owner: fc.constantFrom('one', 'other'),
  text: fc.constantFrom('{}', '{"x":1}'),
  wake: fc.constantFrom(-5, 0, 5, 500, undefined),
  flag: fc.boolean(),
  /** Which of the versions that were seen is presented; 0: the newest. */
  stale: fc.constantFrom(0, 0, 0, 1, 2),
});
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

async function play(store: ScheduleStore, made: Move, world: { now: number; versions: number[] }) {
  const { name, owner, text, wake, flag, stale } = made;
  const version = world.versions.at(-1 - stale) ?? 0;
  const wakeMs = wake === undefined ? undefined : world.now + wake;
  switch (made.operation) {
    case 'findDue':
      return store.findDue(flag ? 1 : 10);
    case 'seize':
      return store.seize({ name, owner, leaseMs: 100, early: flag });
    case 'advance':
      return store.advance({ name, version, state: text, wakeMs, hold: flag });
    case 'declare':
      return store.declare({
        name,
        version: stale === 1 ? 0 : version,
        record: flag ? 'r' : 'R',
        state: text,
        wakeMs,
      });
    case 'lookUp':
      return store.lookUp(name);
    case 'forget':
      return store.forget(name, flag ? version : undefined);
    case 'wait':
      return undefined;
  }
}

it('answers the same, whatever happened before, also to what is repeated', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 60 }), async (moves) => {
      round += 1;
      const world = { now: T0, versions: [0] };
      const memory = new MemoryScheduleStore(() => world.now);
      const redis = new RedisScheduleStore(
        new ScriptRunner(portOf(t.redis)),
        keyspace(`${t.prefix}-${round}`),
        () => world.now,
      );
      for (const made of moves) {
        if (made.operation === 'wait') world.now += made.flag ? 7 : 101;
        const expected = await play(memory, made, world);
        expect(await play(redis, made, world)).toEqual(expected);
        if (typeof expected === 'object' && expected !== null && 'version' in expected) {
          // Repeated, as after a connection that broke before the answer.
          const again = { ...made, stale: made.stale };
          expect(await play(redis, again, world)).toEqual(await play(memory, again, world));
          if (expected.tag !== 'found') {
            expect(await play(memory, again, world)).toEqual(expected);
          }
          world.versions.push(expected.version);
        }
        expect(await redis.names()).toEqual(await memory.names());
      }
      await removeKeys(t.redis, `${t.prefix}-${round}`);
    }),
    { numRuns: 150 },
  );
}, 60_000);

it('gives a schedule to one of twenty that want it at once', async () => {
  const stores = Array.from(
    { length: 20 },
    () => new RedisScheduleStore(new ScriptRunner(portOf(t.redis)), keyspace(t.prefix)),
  );
  const [first] = stores;
  const declared = { name: 'n', version: 0, record: 'r', state: 's', wakeMs: 1 };
  const replies = await Promise.all(stores.map((store) => store.declare(declared)));
  expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
  const seized = await Promise.all(
    stores.map((store, at) =>
      store.seize({ name: 'n', owner: String(at), leaseMs: 60_000, early: false }),
    ),
  );
  expect(seized.filter(({ tag }) => tag === 'seized')).toHaveLength(1);
  expect(await first?.forget('n')).toBe(true);
});
