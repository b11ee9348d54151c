import { expect } from '@jest/globals';
import type { RunRef } from '../../src/idempotency/store.js';
import {
  admitted,
  anonymousRun,
  cancellation,
  claimed,
  found,
  KEEP_DEAD_MS,
  KEEP_MS,
  KEY,
  keyedCall,
  LEASE_MS,
  RESULT,
  reach,
  revival,
  runOf,
  STANDS,
  STORY,
  tagged,
} from './conformance/scene.js';
import type { RedisSubject } from './subject.js';

/** What the Redis store must keep, and for how long: no reply of a store shows it. */
export interface KeyCase {
  readonly title: string;
  /** Throws when it is not kept so. */
  run(subject: RedisSubject): Promise<void>;
}

const OPEN = ['waiting', 'running', 'lapsed', 'snoozed', 'released', 'revived'];

/** Calls that share the lists of one tag: their records have one name's tag. */
async function die(subject: RedisSubject, id: string, keepMs: number): Promise<RunRef> {
  const run = anonymousRun(id, { address: KEY, token: subject.now() * 1000 });
  // Each dies alone; the record at the place is of no interest.
  await subject.redis.del(subject.keys.record(KEY));
  await subject.store.bury(run, STORY, keepMs);
  return run;
}

async function listedDead({ redis, keys }: RedisSubject): Promise<readonly string[][]> {
  return Promise.all([
    redis.zrange(keys.deads(KEY), 0, '+inf', 'BYSCORE'),
    redis.zrange(keys.ends(KEY), 0, '+inf', 'BYSCORE'),
  ]);
}

async function openMembers({ redis, keys }: RedisSubject): Promise<string[]> {
  return redis.zrange(keys.open(KEY), 0, '+inf', 'BYSCORE');
}

/** What is kept where and for how long. */
export const KEY_CASES: readonly KeyCase[] = [
  {
    title: 'names a record in the index of open ones as long as it is open, and no longer',
    run: async (subject) => {
      const named: string[] = [];
      for (const stand of STANDS) {
        await reach(subject, stand);
        if ((await openMembers(subject)).length > 0) named.push(stand);
        await subject.lose();
      }
      expect(named).toEqual(OPEN);
    },
  },
  {
    title: 'names a record again that another call has taken over',
    run: async (subject) => {
      for (const stand of ['dead', 'cancelled'] as const) {
        await reach(subject, stand);
        await admitted(subject, keyedCall('second'));
        expect(await openMembers(subject)).toEqual([subject.keys.member(KEY)]);
        await subject.lose();
      }
    },
  },
  {
    title: 'takes a record that is gone out of the index at the next survey',
    run: async (subject) => {
      await reach(subject, 'running');
      await subject.redis.del(subject.keys.record(KEY));
      for await (const part of subject.store.survey(subject.now())) expect(part).toEqual([]);
      expect(await openMembers(subject)).toEqual([]);
    },
  },
  {
    title: 'keeps the lists of the dead as long as the last of them, whatever their order',
    run: async (subject) => {
      const keeps = [KEEP_MS, 3 * KEEP_MS, 2 * KEEP_MS];
      for (const [n, keepMs] of keeps.entries()) {
        await die(subject, `call-${n}`, keepMs);
        for (const key of [subject.keys.deads(KEY), subject.keys.ends(KEY)]) {
          const longest = Math.max(...keeps.slice(0, n + 1));
          const life = await subject.redis.pttl(key);
          expect(life).toBeGreaterThan(longest - KEEP_MS / 2);
          expect(life).toBeLessThanOrEqual(longest);
        }
      }
    },
  },
  {
    title: 'takes those that are kept no longer out of both lists when somebody dies or asks',
    run: async (subject) => {
      await die(subject, 'short', KEEP_MS);
      await die(subject, 'long', KEEP_DEAD_MS);
      await subject.advance(KEEP_MS);
      await die(subject, 'next', 2 * KEEP_MS);
      expect(await listedDead(subject)).toEqual([
        ['long', 'next'],
        ['next', 'long'],
      ]);
      await subject.advance(2 * KEEP_MS);
      await subject.store.listDead({ count: 10 });
      expect(await listedDead(subject)).toEqual([['long'], ['long']]);
    },
  },
  {
    title: 'takes who is discarded or revived out of both lists, and deletes the story',
    run: async (subject) => {
      const { redis, keys, store } = subject;
      await die(subject, 'one', KEEP_DEAD_MS);
      await subject.advance(1);
      const other = await die(subject, 'other', KEEP_DEAD_MS);
      expect(await store.discard(KEY, 'one')).toBe(true);
      expect(await listedDead(subject)).toEqual([['other'], ['other']]);
      tagged(await store.revive(revival(other)), 'revived');
      expect(await listedDead(subject)).toEqual([[], []]);
      expect(await redis.exists(keys.dead(KEY, 'one'), keys.dead(KEY, 'other'))).toBe(0);
    },
  },
  {
    title: 'keeps nothing of a call that is done but its result and what it goes by',
    run: async (subject) => {
      const run = await reach(subject, 'running');
      await subject.store.step(run, 'capture', '"much"', LEASE_MS);
      await subject.store.complete(run, RESULT, KEEP_MS);
      const fields = await subject.redis.hkeys(subject.keys.record(KEY));
      const all = ['ats', 'dg', 'fa', 'gen', 'id', 'q', 'r', 'st', 'tk'];
      expect(fields.sort()).toEqual(all);
    },
  },
  {
    title: 'keeps no lease and no snooze of a call that was redelivered, not even one that is over',
    run: async (subject) => {
      for (const stand of ['lapsed', 'snoozed'] as const) {
        const { address, id } = await reach(subject, stand);
        tagged(await subject.store.redeliver(address, id, 1), 'redelivered');
        const fields = await subject.redis.hmget(subject.keys.record(KEY), 'lu', 'su');
        expect(fields).toEqual([null, null]);
        await subject.lose();
      }
    },
  },
  {
    title: 'keeps no lease of a call that was released, cancelled when idle, done or dead',
    run: async (subject) => {
      const ends = {
        release: (run: RunRef) => subject.store.release(run, { create: false }),
        cancel: (run: RunRef) => subject.store.cancel(cancellation(run, { idle: true })),
        complete: (run: RunRef) => subject.store.complete(run, RESULT, KEEP_MS),
        bury: (run: RunRef) => subject.store.bury(run, STORY, KEEP_DEAD_MS),
      };
      for (const end of Object.values(ends)) {
        await end(await reach(subject, 'running'));
        expect(await subject.redis.hget(subject.keys.record(KEY), 'lu')).toBeNull();
        await subject.lose();
      }
    },
  },
  {
    title: 'revives a call without a key of which only the story is left',
    run: async (subject) => {
      const call = { ...keyedCall('alone'), address: { kind: 'call', name: 'alone' } as const };
      const run = await claimed(subject, runOf(call, { token: await admitted(subject, call) }));
      await subject.store.bury(run, STORY, KEEP_DEAD_MS);
      await subject.redis.del(subject.keys.record(call.address));
      await subject.advance(1);
      const token = subject.now() * 1000;
      const reply = await subject.store.revive(revival(run));
      expect(reply).toEqual({ tag: 'revived', token, generation: 2 });
      expect(await found(subject, call)).toMatchObject({ id: 'alone', state: 'waiting', token });
      expect(await subject.store.admit(call)).toMatchObject({ tag: 'known', id: 'alone' });
    },
  },
];
