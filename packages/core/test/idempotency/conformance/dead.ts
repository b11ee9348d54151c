import { expect } from '@jest/globals';
import type { RecordAddress } from '../../../src/idempotency/store.js';
import type { Subject } from '../subject.js';
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
  STORY,
} from './scene.js';

async function die(subject: Subject, id: string, keepMs = KEEP_DEAD_MS): Promise<RecordAddress> {
  const run = anonymousRun(id, { token: subject.now() * 1000 });
  await subject.store.bury(run, `{"of":"${id}"}`, keepMs);
  return run.address;
}

const ids = async ({ store }: Subject, count = 100, beforeMs?: number): Promise<string[]> => {
  const page = await store.listDead({ count, ...(beforeMs === undefined ? {} : { beforeMs }) });
  return page.map(({ id }) => id);
};

/** The dead: kept, listed, revived, discarded. */
export const DEAD_CASES: readonly ConformanceCase[] = [
  {
    title: 'keeps the story of a dead call beside its record',
    run: async (subject) => {
      const run = await reach(subject, 'dead');
      const died = subject.now();
      await subject.advance(1_000);
      await subject.store.bury(run, '{"another":"story"}', KEEP_MS);
      const dead = await found(subject);
      expect(dead).toMatchObject({ state: 'dead', story: STORY, diedAtMs: died });
      expect(dead).toMatchObject({ finishedAtMs: died, leaseLeftMs: 0, token: run.token });
      expect([dead.envelope, dead.result, dead.snoozedUntilMs]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(await ids(subject)).toEqual(['first']);
    },
  },
  {
    title: 'tells the story only of the call that it is asked for',
    run: async (subject) => {
      await reach(subject, 'dead');
      await admitted(subject, keyedCall('second'));
      const about = async (id: string) => (await found(subject, keyedCall(id))).story;
      expect([await about('first'), await about('second')]).toEqual([STORY, undefined]);
    },
  },
  {
    title: 'lists the newest dead first, in pages, of all tags',
    run: async (subject) => {
      const expected: string[] = [];
      for (let n = 0; n < 40; n += 1) {
        await die(subject, `call-${n}`);
        expected.unshift(`call-${n}`);
        await subject.advance(5);
      }
      expect(await ids(subject)).toEqual(expected);
      const first = await subject.store.listDead({ count: 15 });
      expect(first.map(({ id }) => id)).toEqual(expected.slice(0, 15));
      const last = first.at(-1)?.diedAtMs ?? 0;
      expect(await ids(subject, 100, last)).toEqual(expected.slice(14));
      expect(await ids(subject, 100, last - 1)).toEqual(expected.slice(15));
    },
  },
  {
    title: 'lists those that died at the same moment in the order of their ids, backwards',
    run: async (subject) => {
      for (const id of ['b', 'a', 'd', 'c']) await die(subject, id);
      expect(await ids(subject)).toEqual(['d', 'c', 'b', 'a']);
      expect(await ids(subject, 2)).toEqual(['d', 'c']);
    },
  },
  {
    title: 'forgets each dead call after its own time, however long others are kept',
    run: async (subject) => {
      // Many, so that several share a tag with one that is kept for longer or shorter.
      for (let n = 0; n < 40; n += 1) await die(subject, `long-${n}`, KEEP_DEAD_MS);
      await subject.advance(KEEP_MS);
      for (let n = 0; n < 40; n += 1) await die(subject, `short-${n}`, KEEP_MS);
      expect(await ids(subject)).toHaveLength(80);
      await subject.advance(KEEP_MS);
      const left = await ids(subject);
      expect(left).toHaveLength(40);
      expect(left.every((id) => id.startsWith('long-'))).toBe(true);
      await subject.advance(KEEP_DEAD_MS);
      expect(await ids(subject)).toEqual([]);
    },
  },
  {
    title: 'forgets a dead call for good when it is discarded, but not what it has done',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.step(run, 'capture', '1', LEASE_MS);
      await subject.store.bury(run, STORY, KEEP_DEAD_MS);
      expect(await subject.store.discard(run.address, 'another')).toBe(false);
      expect(await subject.store.discard(run.address, run.id)).toBe(true);
      expect(await ids(subject)).toEqual([]);
      expect(await found(subject)).toMatchObject({ state: 'dead', story: undefined });
      expect(await subject.store.revive(revival(run))).toEqual({ tag: 'unknown', state: 'dead' });
      const second = keyedCall('second');
      const next = runOf(second, { generation: 2, token: await admitted(subject, second) });
      const reply = await subject.store.claim(next, LEASE_MS);
      expect(reply).toMatchObject({ tag: 'claimed', steps: ['capture', '1'] });
    },
  },
  {
    title: 'brings a dead call back as a new delivery of the same call',
    run: async (subject) => {
      const run = await reach(subject, 'dead');
      await subject.advance(1_000);
      const reply = await subject.store.revive(revival(run));
      expect(reply).toEqual({ tag: 'revived', token: subject.now() * 1000, generation: 2 });
      const revived = await found(subject);
      expect(revived).toMatchObject({ id: 'first', state: 'waiting', queue: 'high', start: 0 });
      expect(revived).toMatchObject({ generation: 2, token: subject.now() * 1000 });
      expect(revived).toMatchObject({ envelope: '{"again":"first"}', enqueuedAtMs: subject.now() });
      expect([revived.finishedAtMs, revived.story, revived.diedAtMs]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(await ids(subject)).toEqual([]);
      expect(await subject.store.admit(keyedCall('other', 'another-input'))).toEqual({
        tag: 'conflict',
        id: 'first',
      });
      // and it stays: its death no longer counts its days
      await subject.advance(2 * KEEP_DEAD_MS);
      expect((await found(subject)).state).toBe('waiting');
    },
  },
  {
    title: 'says the same when a revival is repeated, until the call was started',
    run: async (subject) => {
      const run = await reach(subject, 'dead');
      const once = await subject.store.revive(revival(run));
      await subject.advance(1_000);
      expect(await subject.store.revive(revival(run))).toEqual(once);
      const next = await claimed(subject, { ...run, generation: 2, start: 1 });
      await subject.store.release(next, { create: false });
      const late = await subject.store.revive(revival(run));
      expect(late).toEqual({ tag: 'unknown', state: 'waiting' });
    },
  },
  {
    title: 'refuses to revive what a newer call has superseded, wherever that one stands',
    run: async (subject) => {
      const first = await reach(subject, 'dead');
      const diedAtMs = subject.now();
      const second = keyedCall('second');
      const run = runOf(second, { generation: 2, token: await admitted(subject, second) });
      const refused = { tag: 'superseded', id: 'second' };
      const revive = () => subject.store.revive(revival(first));
      expect(await revive()).toEqual(refused);
      const holder = await claimed(subject, run);
      expect(await revive()).toEqual(refused);
      await subject.store.complete(holder, RESULT, KEEP_MS);
      expect(await revive()).toEqual(refused);
      // The newer call's record ends first: what it has done must not be done once more.
      await subject.advance(KEEP_MS);
      const left = { tag: 'missing', story: STORY, diedAtMs };
      expect(await subject.store.inspect(first.address, 'first')).toEqual(left);
      expect(await revive()).toEqual({ tag: 'superseded', id: undefined });
      expect(await subject.store.discard(first.address, 'first')).toBe(true);
    },
  },
  {
    title:
      'revives a call without a key, whose record is nobody else’s, for as long as such records live',
    run: async (subject) => {
      const run = anonymousRun('nobody', { token: subject.now() * 1000 });
      await subject.store.bury(run, STORY, KEEP_DEAD_MS);
      const reply = await subject.store.revive(revival(run));
      expect(reply).toEqual({ tag: 'revived', token: run.token + 1, generation: 2 });
      const next = { ...run, generation: 2, token: run.token + 1 };
      expect((await claimed(subject, next)).token).toBe(run.token + 2);
      await subject.advance(KEEP_DEAD_MS);
      expect((await subject.store.inspect(run.address, run.id)).tag).toBe('missing');
    },
  },
];
