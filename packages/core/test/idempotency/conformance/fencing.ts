import { expect } from '@jest/globals';
import type { RecordStore, RunRef } from '../../../src/idempotency/store.js';
import {
  admitted,
  anonymousRun,
  type ConformanceCase,
  claimed,
  found,
  KEEP_DEAD_MS,
  KEEP_MS,
  keyedCall,
  LEASE_MS,
  RESULT,
  reach,
  revival,
  runOf,
  STANDS,
  STORY,
  tagged,
} from './scene.js';

const WRITES: Readonly<Record<string, (store: RecordStore, run: RunRef) => Promise<object>>> = {
  renew: (store, run) => store.renew(run, LEASE_MS),
  step: (store, run) => store.step(run, 'capture', '"late"', LEASE_MS),
  release: (store, run) => store.release(run, { create: true }),
  complete: (store, run) => store.complete(run, '"late"', KEEP_MS),
  bury: (store, run) => store.bury(run, '"late"', KEEP_DEAD_MS),
};

const STALE: Readonly<Record<string, (run: RunRef) => RunRef>> = {
  'an older token': (run) => ({ ...run, token: run.token - 1 }),
  'the id of another call': (run) => ({ ...run, id: 'another' }),
};

/** Whoever is not the newest holder writes nothing, wherever the call stands. */
const refused: readonly ConformanceCase[] = Object.entries(WRITES).flatMap(([name, write]) =>
  Object.entries(STALE).flatMap(([what, stale]) =>
    STANDS.filter((stand) => stand !== 'missing').map((stand) => ({
      title: `refuses ${name} with ${what}, the call being ${stand}`,
      run: async (subject) => {
        const run = await reach(subject, stand);
        const before = await found(subject);
        for (let times = 0; times < 2; times += 1) {
          expect(await write(subject.store, stale(run))).toEqual({ tag: 'lost' });
          expect(await found(subject)).toEqual(before);
        }
        const story = await subject.store.inspect(run.address, 'another');
        expect(story.tag === 'found' && story.story).toBeUndefined();
      },
    })),
  ),
);

const claims: readonly ConformanceCase[] = [
  {
    title: 'refuses the claim of another call under the key',
    run: async (subject) => {
      const run = await reach(subject, 'lapsed');
      const other = { ...run, id: 'another', start: 2 };
      expect(await subject.store.claim(other, LEASE_MS)).toEqual({
        tag: 'superseded',
        id: 'first',
      });
    },
  },
  {
    title: 'refuses the claim of a start before the newest',
    run: async (subject) => {
      const first = await reach(subject, 'lapsed');
      const second = await claimed(subject, { ...first, start: 2 });
      await subject.advance(LEASE_MS);
      expect(await subject.store.claim(first, LEASE_MS)).toEqual({ tag: 'stale' });
      expect(await found(subject)).toMatchObject({ start: 2, token: second.token });
    },
  },
  {
    title: 'refuses the claim of a delivery that was made again, whatever its start',
    run: async (subject) => {
      const revived = await reach(subject, 'revived');
      for (const start of [1, 2, 9]) {
        const old = { ...revived, generation: 1, start };
        const reply = await subject.store.claim(old, LEASE_MS);
        expect(reply).toEqual({ tag: 'superseded', id: 'first' });
      }
    },
  },
  {
    title: 'lets the first start of a newer generation in, though the start before it was later',
    run: async (subject) => {
      const run = await reach(subject, 'lapsed');
      const again = await claimed(subject, { ...run, start: 5 });
      await subject.advance(LEASE_MS);
      const newer = await claimed(subject, { ...again, generation: 2, start: 1 });
      expect(newer.token).toBeGreaterThan(again.token);
      expect(await found(subject)).toMatchObject({ generation: 2, start: 1, state: 'running' });
    },
  },
  {
    title: 'gives a replayed claim its token and a new lease, but no more',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.advance(LEASE_MS - 1);
      const { token } = await claimed(subject, { ...run, token: 0 });
      expect(token).toBe(run.token);
      expect(await found(subject)).toMatchObject({ token, leaseLeftMs: LEASE_MS });
    },
  },
  {
    title: 'takes the outcome of the newest run, not of the one before, which may still be at work',
    run: async (subject) => {
      const zombie = await reach(subject, 'lapsed');
      const newest = await claimed(subject, { ...zombie, start: 2 });
      expect(await subject.store.complete(zombie, '"zombie"', KEEP_MS)).toEqual({ tag: 'lost' });
      expect(await subject.store.complete(newest, RESULT, KEEP_MS)).toEqual({ tag: 'completed' });
      expect(await subject.store.complete(zombie, '"zombie"', KEEP_MS)).toEqual({ tag: 'lost' });
      expect(await found(subject)).toMatchObject({ state: 'done', result: RESULT });
    },
  },
];

const tokens: readonly ConformanceCase[] = [
  {
    title: 'seeds tokens from the clock, in microseconds',
    run: async (subject) => {
      expect(await admitted(subject, keyedCall())).toBe(subject.now() * 1000);
      await subject.advance(7);
      const anonymous = await claimed(subject, anonymousRun());
      expect(anonymous.token).toBe(subject.now() * 1000);
    },
  },
  {
    title: 'raises the token at each grant, also while the clock stands still',
    run: async (subject) => {
      const { store } = subject;
      const call = keyedCall();
      const given = [await admitted(subject, call)];
      for (let start = 1; start <= 3; start += 1) {
        const run = await claimed(subject, runOf(call, { start, token: given[0] ?? 0 }));
        given.push(run.token);
        await store.release(run, { create: false });
      }
      const last = runOf(call, { start: 3, token: given.at(-1) ?? 0 });
      await store.bury(last, STORY, KEEP_DEAD_MS);
      given.push(tagged(await store.revive(revival(call)), 'revived').token);
      const again = runOf(call, { generation: 2, token: given.at(-1) ?? 0 });
      await store.bury(again, STORY, KEEP_DEAD_MS);
      given.push(await admitted(subject, keyedCall('second')));
      const base = subject.now() * 1000;
      expect(given).toEqual([base, base + 1, base + 2, base + 3, base + 4, base + 5]);
    },
  },
  {
    title: 'never falls below the token that the delivery carries',
    run: async (subject) => {
      const ahead = subject.now() * 1000 + 5_000_000;
      const { token } = await claimed(subject, anonymousRun('fast-clock', { token: ahead }));
      expect(token).toBe(ahead + 1);
      const run = anonymousRun('fast-clock', { start: 2, token: ahead + 10 });
      await subject.advance(LEASE_MS - 9_000);
      await subject.store.release({ ...run, start: 1 }, { create: false });
      expect((await claimed(subject, run)).token).toBe(ahead + 11);
    },
  },
  {
    title: 'exceeds the token of the delivery, also where the record has an older one',
    run: async (subject) => {
      const run = await reach(subject, 'lapsed');
      const ahead = { ...run, start: 2, token: 8e15 };
      expect((await claimed(subject, ahead)).token).toBe(8e15 + 1);
      expect(await found(subject)).toMatchObject({ token: 8e15 + 1 });
    },
  },
  {
    title: 'takes down who holds a call as the run tells it, with each of its words',
    run: async (subject) => {
      const words = {
        renew: (run: RunRef) => subject.store.renew(run, LEASE_MS),
        step: (run: RunRef) => subject.store.step(run, 'capture', '1', LEASE_MS),
        release: (run: RunRef) => subject.store.release(run, { create: false }),
        complete: (run: RunRef) => subject.store.complete(run, RESULT, KEEP_MS),
        bury: (run: RunRef) => subject.store.bury(run, STORY, KEEP_DEAD_MS),
      };
      for (const say of Object.values(words)) {
        const run = await reach(subject, 'running');
        const holder = { generation: 2, start: 3, token: run.token + 5 };
        await say({ ...run, ...holder });
        expect(await found(subject)).toMatchObject(holder);
        await subject.lose();
      }
    },
  },
  {
    title: 'grows across the expiry of a record',
    run: async (subject) => {
      const run = await reach(subject, 'done');
      await subject.advance(KEEP_MS);
      expect((await subject.store.inspect(run.address, run.id)).tag).toBe('missing');
      const token = await admitted(subject, keyedCall('second'));
      expect(token).toBeGreaterThan(run.token);
      expect(await subject.store.complete(run, RESULT, KEEP_MS)).toEqual({ tag: 'lost' });
      expect(await found(subject)).toMatchObject({ id: 'second', state: 'waiting', token });
    },
  },
  {
    title: 'grows across the loss of a record, so that the holder from before is refused',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.lose();
      await subject.advance(1);
      const admission = keyedCall('first');
      const before = runOf(admission, { start: 2, token: run.token - 1 });
      const next = await claimed(subject, before);
      expect(next.token).toBeGreaterThan(run.token);
      expect(await subject.store.step(run, 'capture', '1', LEASE_MS)).toEqual({ tag: 'lost' });
      expect(await subject.store.complete(run, RESULT, KEEP_MS)).toEqual({ tag: 'lost' });
      expect(await subject.store.renew(run, LEASE_MS)).toEqual({ tag: 'lost' });
    },
  },
  {
    title: 'takes what the holder records after the loss of its record, since nobody is newer',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.lose();
      expect(await subject.store.step(run, 'capture', '1', LEASE_MS)).toEqual({ tag: 'recorded' });
      expect(await found(subject)).toMatchObject({ token: run.token, leaseLeftMs: LEASE_MS });
      await subject.lose();
      expect(await subject.store.complete(run, RESULT, KEEP_MS)).toEqual({ tag: 'completed' });
      expect(await found(subject)).toMatchObject({ token: run.token, result: RESULT });
    },
  },
];

/** Fencing: tokens, generations, starts. */
export const FENCING_CASES: readonly ConformanceCase[] = [...refused, ...claims, ...tokens];
